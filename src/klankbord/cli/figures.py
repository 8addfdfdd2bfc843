"""`klankbord figures` and `klankbord status`: what is published, how the collection is doing."""

import csv
import json
import sys
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

#: the share of a budget from which `status` speaks of it
NEARLY_SPENT = 0.9


@app.command()
def figures(
    metric: Annotated[str, typer.Option(help="M05, or M05,M26")] = "",
    platform: Annotated[
        str, typer.Option(help="a platform's name: facebook, x, mastodon, ...")
    ] = "",
    group: Annotated[str, typer.Option(help="group id such as be-municipality, or its start")] = "",
    period: Annotated[
        str, typer.Option(help="2026-09 or 2026-Q3; the latest month by default")
    ] = "",
    definition: Annotated[str, typer.Option(help="klankbord's own, or a vendor's")] = "klankbord",
    format: Annotated[str, typer.Option(help="table, json or csv")] = "table",
) -> None:
    """Published figures of peer groups with n of N, coverage and status."""
    from klankbord import database
    from klankbord.publish import figures as published

    if format not in ("table", "json", "csv"):
        raise KlankbordError(f"{format!r} is no format: choose table, json or csv.")
    with database.running() as access:
        rows = published.read(
            access,
            metrics=metric,
            platform=platform,
            group=group,
            period=period,
            definition=definition,
        )
    if format == "csv":
        for row in rows:
            row["parameters"] = json.dumps(row["parameters"])
    if format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
    elif format == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]) if rows else published.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    else:
        console.print(table(rows))


def table(rows: list[dict]) -> Table:
    """Figures as people read them: three digits, n of N, a reason where there is none."""
    names = {r["metric_id"]: r["metric_name_en"] for r in rows}
    shown = Table(
        "metric", "platform", "group", "period", "figure", "unit", "quartiles", "n of N",
        "coverage", "status",
        box=box.SIMPLE_HEAD,
        caption="\n".join(f"{metric_id}  {name}" for metric_id, name in names.items()),
        caption_justify="left",
    )  # fmt: skip
    shown.columns[2].no_wrap = True
    for r in rows:
        shown.add_row(
            r["metric_id"], r["platform"], r["group_id"], r["period"],
            f"({r['missing_reason']})" if r["value"] is None else _wait(r, "value"),
            r["unit"],
            "" if r["q1"] is None else f"{_wait(r, 'q1')} – {_wait(r, 'q3')}",
            # of a hidden figure the count is hidden too
            f"{'hidden' if r['n'] is None else r['n']} of {r['n_members']}",
            "" if r["coverage"] is None else f"{r['coverage']:.0%}",
            r["status"] + (" · synthetic" if r["is_synthetic"] else ""),
        )  # fmt: skip
    return shown


def _wait(row: dict, name: str) -> str:
    """A figure; of a wait that is only known to outlast its window, that it is longer."""
    text, parameters = _number(row[name]), row["parameters"]
    is_censored = parameters.get("aggregation") == "kaplan_meier"
    return f"over {text}" if is_censored and row[name] >= parameters["window_hours"] else text


def _number(value: float | None) -> str:
    if value is None:
        return ""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}"


@app.command()
def status() -> None:
    """What is fresh, late or failing, by platform, with the reasons."""
    from klankbord import alarms, database, settings, spending
    from klankbord.cli.alarms import show as show_alarms
    from klankbord.publish import figures as published
    from klankbord.purse import limits_of

    with database.running() as access:
        database.prepare(access)
        report = published.status(access, settings.today())
        # "no alarms" must not mean that nobody has looked
        raised = alarms.look(access, settings.now())
        limits = [limit for line in report.platforms for limit in limits_of(line.platform)]
        spent = spending.shares(access, limits, settings.now())
    shown = Table(
        "platform", "last scan", "complete", "failing, by reason", "state", box=box.SIMPLE_HEAD
    )
    for column in shown.columns:
        column.no_wrap = column.header != "failing, by reason"
    for line in report.platforms:
        reasons = ", ".join(f"{n} {reason}" for reason, n in line.reasons.items()) or "–"
        is_read = line.state != "by hand"
        shown.add_row(
            line.platform,
            str(line.scan_on or "never") if is_read else "–",
            f"{line.complete} of {line.registered}" if is_read else f"{line.registered} registered",
            reasons,
            line.state,
        )
    console.print(shown)
    for limit, share in spent.items():
        if share >= NEARLY_SPENT:
            console.print(f"Budget {limit}: {share:.0%} spent.", highlight=False)
    when = f"{report.published_at:%Y-%m-%d %H:%M} UTC" if report.published_at else "never"
    console.print(f"Published: {when}; in quarantine: {report.quarantined} rows.", highlight=False)
    show_alarms(raised, most=5)
