"""`klankbord cost`: what the platforms will ask of us, and what they have cost."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

DAYS_A_MONTH = 30


@app.command()
def cost(
    add: Annotated[list[str] | None, typer.Option(help="x=400: so many accounts more")] = None,
    owners: Annotated[
        list[str] | None, typer.Option(help="x=50: so many of those give their token (T3)")
    ] = None,
    posts: Annotated[float | None, typer.Option(help="posts a day of an account")] = None,
    threads: Annotated[float | None, typer.Option(help="threads read a day of an account")] = None,
    spent: Annotated[bool, typer.Option("--spent", help="what was spent instead")] = False,
    days: Annotated[int, typer.Option(help="with --spent: of how many days", min=1)] = 30,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """Calls, units and money by platform: a forecast for the register (and more), or the past."""
    from klankbord import database, forecast, spending
    from klankbord.platforms.prices import POSTS_PER_DAY, THREADS_PER_DAY

    if format not in ("table", "json"):
        raise KlankbordError(f"{format!r} is no format: choose table or json.")
    more, tokens = _counts("--add", add or []), _counts("--owners", owners or [])
    for name, count in tokens.items():
        if count > more.get(name, 0):
            raise KlankbordError(f"--owners {name}={count}: --add {name} names fewer accounts.")
    with database.running() as access:
        database.prepare(access)
        if spent:
            rows = spending.report(access, days)
        else:
            found = forecast.of_register(
                access,
                more,
                POSTS_PER_DAY if posts is None else posts,
                THREADS_PER_DAY if threads is None else threads,
                tokens,
            )
            rows = [forecast_row(each) for each in found]
    if format == "json":
        print(json.dumps(rows, indent=2, default=_plain))
    elif not rows:
        console.print(
            "Nothing was asked of any platform." if spent else "No accounts: --add x=400."
        )
    else:
        console.print(_spent_table(rows, days) if spent else _forecast_table(rows))


def _counts(option: str, words: Sequence[str]) -> dict[str, int]:
    """{'x': 400} of `x=400`; a platform that has no connector is an error."""
    from klankbord.platforms.base import connector

    found: dict[str, int] = {}
    for word in words:
        name, _, count = word.partition("=")
        if not count.isdecimal() or len(count) > 9:
            raise KlankbordError(
                f"{option} {word!r}: write a platform and a number, such as x=400."
            )
        found[connector(name).name] = int(count)
    return found


def forecast_row(each: Any) -> dict[str, Any]:
    """A forecast as one flat row: a day, a month of 30 days, the limits it must stay under."""
    from klankbord.platforms.prices import tariff
    from klankbord.purse import limits_of

    total = each.total
    row: dict[str, Any] = {"platform": each.platform, "accounts": each.accounts}
    for name in ("calls", "units", "usd"):
        row[f"{name}_per_day"] = total.measure(name)
        row[f"{name}_per_month"] = total.measure(name) * DAYS_A_MONTH
    row["purposes"] = {
        purpose: {name: cost.measure(name) for name in ("calls", "units", "usd")}
        for purpose, cost in each.costs.items()
    }
    row["basis"] = f"{each.account_days} account-days" if each.account_days else "estimate"
    row["limits"] = [str(limit) for limit in limits_of(each.platform)]
    row["over"] = [
        str(limit)
        for limit in limits_of(each.platform)
        if limit.bucket == "calls"
        and limit.window in ("day", "month")
        and total.measure(limit.measure) * (1 if limit.window == "day" else DAYS_A_MONTH)
        > limit.amount
    ]
    row["price_source"] = tariff(each.platform).source
    row["price_read_on"] = tariff(each.platform).read_on
    return row


def _forecast_table(rows: Sequence[dict[str, Any]]) -> Table:
    shown = Table(
        "platform", "accounts", "calls/day", "units/day", "USD/day", "calls/month", "units/month",
        "USD/month", "basis", "limits",
        box=box.SIMPLE_HEAD,
        caption="A limit in red is too small for a whole day or month: what is given up first "
        "stands in docs/design.md.",
        caption_justify="left",
    )  # fmt: skip
    for place in range(1, 8):
        shown.columns[place].justify = "right"
    for r in rows:
        limits = [f"[red]{x}[/red]" if x in r["over"] else x for x in r["limits"]]
        shown.add_row(
            r["platform"], f"{r['accounts']:,}",
            *(_amount(r[f"{m}_per_{p}"], m) for p in ("day", "month") for m in _MEASURES),
            r["basis"], " ".join(limits),
        )  # fmt: skip
    return shown


def _spent_table(rows: Sequence[dict[str, Any]], days: int) -> Table:
    shown = Table(
        "platform", "token", "bucket", "purpose", "calls", "units", "USD", "last",
        box=box.SIMPLE_HEAD,
        caption=f"The last {days} days. Reserved by processes that did not end well: "
        f"{sum(r['held_calls'] for r in rows):,.0f} calls, "
        f"{_amount(sum((r['held_usd'] for r in rows), Decimal(0)), 'usd') or '0.00'} USD.",
        caption_justify="left",
    )  # fmt: skip
    for place in (4, 5, 6):
        shown.columns[place].justify = "right"
    for r in rows:
        shown.add_row(
            r["platform"], r["token"], r["bucket"], r["purpose"],
            *(_amount(r[name], name) for name in _MEASURES), f"{r['last_at']:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    return shown


_MEASURES = ("calls", "units", "usd")


def _amount(value: Decimal, measure: str) -> str:
    if not value:
        return ""
    return f"{value:,.2f}" if measure == "usd" else f"{value:,.0f}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat()
