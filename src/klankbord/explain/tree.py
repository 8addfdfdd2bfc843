"""An explanation as a tree for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

Row = Mapping[str, Any]
#: a tree of more lines is a list that nobody reads: --format json has them all
AT_MOST = 60


def render(found: Row) -> Tree:
    """The whole explanation."""
    said = found["said"]
    tree = Tree(Text(found["figure"], style="bold"))
    tree.add(Text(f"{said['metric_name_en']}: {_figure(said)}"))
    _definition(tree, found)
    if found["is_suppressed"]:
        tree.add(
            Text(
                "Suppressed: it would say something of single organisations. What it rests on is"
                " not shown.",
                style="yellow",
            )
        )
        return tree
    if found.get("members"):
        _members(tree, found["members"])
    elif found.get("account"):
        _account(tree, found)
    for note in found.get("notes", ()):
        tree.add(Text(note))
    for branch in found.get("branches", ()):
        if branch["rows"]:
            _table(tree.add(Text(branch["title"])), branch["rows"])
    _check(tree, found)
    missing = tree.add("Missing" if found["missing"] else "Nothing is missing.")
    for sentence in found["missing"]:
        missing.add(Text(sentence))
    return tree


def _figure(said: Row) -> str:
    if said["value"] is None:
        text = f"no figure ({said['missing_reason']})"
    else:
        text = f"{_exact(said['value'])} {said['unit']}"
        parameters = said.get("parameters") or {}
        is_censored = parameters.get("aggregation") == "kaplan_meier"
        if is_censored and said["value"] >= parameters["window_hours"]:
            text += " or longer"
        lower, upper = said.get("lower"), said.get("upper")
        if lower is not None and upper is not None:
            text += f" (95 %: {lower:.4g} to {upper:.4g})"
        elif lower is not None:
            text += f" (95 %: from {lower:.4g})"
    if said.get("n") is not None and said.get("n_members") is not None:
        text += f", {said['n']} of {said['n_members']} members"
    elif said.get("n_members") is not None:
        text += f", {said['n_members']} members"
    if said.get("n_cases") is not None:
        text += f", {said['n_cases']} cases"
    if said.get("coverage") is not None:
        text += f", coverage {said['coverage']:.0%}"
    if said.get("status"):
        text += f", {said['status']}"
    return text + (", invented figures of the sandbox" if said.get("is_synthetic") else "")


def _definition(tree: Tree, found: Row) -> None:
    definition, as_of = found["definition"], found["as_of"]
    branch = tree.add(
        Text(
            f"Definition {definition['definition_version']}, tier {definition['tier']}:"
            f" {definition['description_en']}"
        )
    )
    for name, cell in sorted(definition["parameters"].items()):
        branch.add(Text(f"{name}: {cell}"))
    if as_of.get("known_at"):
        tree.add(
            Text(
                f"Edition of data of {as_of['known_at']:%Y-%m-%d %H:%M} UTC; what it rests on is"
                f" read from the warehouse of {as_of['published_at']:%Y-%m-%d %H:%M} UTC"
            )
        )
    elif as_of["published_at"]:
        tree.add(Text(f"Published {as_of['published_at']:%Y-%m-%d %H:%M} UTC"))


def _members(tree: Tree, members: Sequence[Row]) -> None:
    valued = [m for m in members if m["value"] is not None]
    table = Table("organisation", "name", "value", "numerator", "denominator", "cases", "coverage",
                  box=box.SIMPLE)  # fmt: skip
    for m in sorted(valued, key=lambda m: -m["value"])[:AT_MOST]:
        table.add_row(
            m["organisation_id"], m["name"], *(_number(m[c]) for c in
            ("value", "numerator", "denominator", "n_cases", "coverage")),
        )  # fmt: skip
    branch = tree.add(f"{len(valued)} of {len(members)} members have a figure")
    branch.add(table)
    if len(valued) > AT_MOST:
        branch.add(f"{len(valued) - AT_MOST} more: --format json")
    rest = [m for m in members if m["value"] is None]
    if rest:
        branch = tree.add(f"{len(rest)} have none")
        for m in rest[:AT_MOST]:
            branch.add(Text(f"{m['organisation_id']} {m['name']}: {m['missing_reason']}"))
        if len(rest) > AT_MOST:
            branch.add(f"{len(rest) - AT_MOST} more: --format json")


def _account(tree: Tree, found: Row) -> None:
    account = found["account"]
    branch = tree.add(
        Text(
            f"Account {account['account_id']} ({account['handle']}), tier {account['access_tier']};"
            f" of {account['period_days']} days posts were observed on {account['posts_days']},"
            f" messages on {account['messages_days']}"
        )
    )
    if account["inhabitants"] is not None:
        branch.add(Text(f"{account['inhabitants']} inhabitants on {account['last_on']}"))
    parts = found["parts"]
    if parts["kind"]:
        branch = tree.add(f"{parts['count']} {parts['kind']}")
        _table(branch, parts["rows"])
    if found["archive"]:
        _table(tree.add("Counts of earlier studies"), found["archive"])
    if found["outcomes"]:
        _table(tree.add("How the scans ended"), found["outcomes"])
    branch = tree.add("API answers (rows of raw, by table and extraction)")
    _table(branch, found["raw"]) if found["raw"] else branch.add("none")


def _table(branch: Tree, rows: Sequence[Row]) -> None:
    if not rows:
        return
    hidden = ("is_in_period", "is_in_active_days")
    columns = [name for name in rows[0] if name not in hidden]
    table = Table(box=box.SIMPLE)
    for name in columns:
        # a name that is cut can be asked for by nobody
        table.add_column(name, overflow="fold")
    for row in rows[:AT_MOST]:
        table.add_row(*(_number(row[name]) for name in columns))
    branch.add(table)
    if len(rows) > AT_MOST:
        branch.add(f"{len(rows) - AT_MOST} more: --format json")


def _check(tree: Tree, found: Row) -> None:
    if not found["recomputed_from"]:
        return
    if not found["different"]:
        value = found["recomputed"]["value"]
        text = "no figure" if value is None else _exact(value)
        tree.add(Text(f"Recomputed from {found['recomputed_from']}: {text}, as published",
                      style="green"))  # fmt: skip
        return
    branch = tree.add(Text("It does not follow from what is listed", style="bold red"))
    for sentence in found["different"]:
        branch.add(Text(sentence, style="red"))


def _exact(value: float | str) -> str:
    """A number with all that a double has to say, or the word that a figure is (a phase)."""
    return value if isinstance(value, str) else f"{value:.10g}"


def _number(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.6g}"
    return str(cell)
