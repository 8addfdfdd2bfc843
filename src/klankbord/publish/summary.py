"""What the demo's summary says, read from the warehouse: nothing in it is written by hand."""

from dataclasses import dataclass, field

from klankbord import settings
from klankbord.database import Access
from klankbord.publish import figures

#: the columns of the summary's table: metric and platform
KEY_FIGURES = (
    ("M01", "facebook"), ("M01", "x"), ("M06a", "facebook"), ("M06a", "x"), ("M22", "facebook"),
    ("M22", "x"), ("M29", "x"),
)  # fmt: skip
UNITS = {"share": "{:.0%}", "hours": "{:.1f} h", "per 100": "{:.1f}"}


@dataclass(slots=True)
class Summary:
    """Counts by label, sentences about failures and gates, and a table of key figures."""

    counts: dict[str, int]
    failures: list[str]
    gates: list[str]
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    legend: list[str] = field(default_factory=list)
    month: str = ""


def summarise(access: Access) -> Summary:
    """Everything of the latest scan and the latest published month."""
    status = figures.status(access, settings.today())
    failures = [
        f"{line.platform}: {count} accounts {reason}"
        for line in status.platforms
        for reason, count in line.reasons.items()
    ]
    found = Summary(_counts(access), failures, _gates(access))
    rows = figures.read(access, metrics=",".join(sorted({m for m, _ in KEY_FIGURES})))
    chosen = {
        (r["group_id"], r["metric_id"], r["platform"]): r for r in rows if r["group_kind"] == "type"
    }
    names = {r["metric_id"]: r["metric_name_en"] for r in rows}
    found.month = max(r["period"] for r in rows)
    found.columns = [f"{metric} {platform}" for metric, platform in KEY_FIGURES]
    found.legend = [f"{metric}  {name}" for metric, name in sorted(names.items())]
    for group in sorted({group for group, _, _ in chosen}):
        found.rows.append(
            [group]
            + [_cell(chosen.get((group, metric, platform))) for metric, platform in KEY_FIGURES]
        )
    return found


def _cell(row: dict | None) -> str:
    """A figure with its n of N; the reason in brackets where there is none."""
    if row is None:
        return "–"
    people = f"{'–' if row['n'] is None else row['n']}/{row['n_members']}"
    if row["value"] is None:
        return f"({row['missing_reason']}) {people}"
    return f"{UNITS.get(row['unit'], '{:.3g}').format(row['value'])}  {people}"


def _counts(access: Access) -> dict[str, int]:
    queries = {
        "organisations": "select count(distinct organisation_id) from register.organisations"
        " where superseded_at is null and (valid_from is null or valid_from <= %(today)s)"
        " and (valid_to is null or valid_to > %(today)s)",
        "accounts": "select count(*) from register.accounts where superseded_at is null",
        "requests": "select sum(request_count)::bigint from raw.extractions",
        "answers of accounts": "select count(*) from raw.outcomes where status = 'ok'",
        "posts read": "select sum(row_count)::bigint from raw.outcomes"
        " where status = 'ok' and stream = 'posts'",
        "messages read": "select sum(row_count)::bigint from raw.outcomes"
        " where status = 'ok' and stream = 'messages'",
        "archived follower counts": "select count(*) from raw.archive_followers",
    }
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        counts = {}
        for label, query in queries.items():
            cursor.execute(query, {"today": settings.today()})
            counts[label] = cursor.fetchone()[0]
    return counts


def _gates(access: Access) -> list[str]:
    with access.connect("klankbord_publisher") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (gate) gate, rules_checked, failed_critical, failed_warning"
            " from quarantine.verdicts order by gate, checked_at desc"
        )
        return [
            f"gate {gate}: {checked} expectations, "
            + (f"FAILED {', '.join(critical)}" if critical else "passed")
            + (f", warnings: {', '.join(warning)}" if warning else "")
            for gate, checked, critical, warning in cursor.fetchall()
        ]
