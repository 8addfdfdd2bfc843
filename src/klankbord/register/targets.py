"""Targets: what must go together in a row of targets.csv, so that nobody reads it otherwise.

"7.5 % engagement" means a hundred times more by follower than by reach, so a share names what it
is a share of. Kinds: `growth` is a percentage of the figure on the baseline date, `share` a
percentage of the named denominator, `level` an absolute figure, or a mean where a denominator
(posts, say) is named.
"""

from collections.abc import Iterator

from klankbord.register.rows import Target

#: kind -> (units that it may have, denominators that it may have; None: any but `baseline`).
KINDS: dict[str, tuple[set[str], set[str] | None]] = {
    "growth": ({"percent"}, {"baseline"}),
    "share": (
        {"percent"},
        {"followers", "reach", "impressions", "views", "inhabitants", "posts", "questions"}
        | {"incidents"},
    ),
    "level": ({"persons", "visits", "minutes", "hours", "posts"}, None),
}


def faults(row: Target) -> Iterator[str]:
    """What is wrong with one row, as the end of a sentence that starts with its place."""
    units, denominators = KINDS[row.kind]
    if row.unit not in units:
        yield (
            f"a target of kind {row.kind} has no unit {row.unit}; "
            f"use {' or '.join(sorted(units))}, or another kind"
        )
    if row.denominator not in (denominators or {row.denominator} - {"baseline"}):
        wanted = ", ".join(sorted(denominators)) if denominators else "any but baseline"
        yield f"a target of kind {row.kind} is not divided by {row.denominator}; use {wanted}"
    if row.kind == "share" and row.target_value > 100:
        yield f"{row.target_value:g} percent is more than the whole; correct target_value"
    if row.kind == "growth" and row.target_value == 0:
        yield "a growth of 0 percent is no target; write kind level with the figure to keep"
    if row.due_date <= row.baseline_date:
        yield f"due_date {row.due_date} is not after baseline_date {row.baseline_date}; correct one"
    if row.segment == "large_impact_incidents" and row.unit not in ("minutes", "hours", "percent"):
        yield f"a target over incidents is not counted in {row.unit}; use minutes, hours or percent"
