"""`klankbord extract`: read the platforms without Airflow."""

from datetime import date
from typing import Annotated

import typer

from klankbord.cli.main import app, console, progress
from klankbord.errors import KlankbordError


@app.command()
def extract(
    platform: Annotated[str, typer.Argument(help="a connector's name: facebook, x, mastodon, ...")],
    account: Annotated[list[str] | None, typer.Option(help="account_id; may be repeated")] = None,
    stream: Annotated[
        list[str] | None,
        typer.Option(help="profiles, posts, messages, insights; repeatable"),
    ] = None,
    scan_on: Annotated[str | None, typer.Option(help="today's date; another is refused")] = None,
    since: Annotated[str | None, typer.Option(help="first day of a backfill")] = None,
    until: Annotated[str | None, typer.Option(help="its last day; yesterday by default")] = None,
) -> None:
    """Read a platform's accounts and land what comes. Needs no Airflow.

    With --since, posts and conversations of past days are read instead of today's scan.
    """
    from klankbord import database, extraction, roster, settings
    from klankbord.windows import window_of

    window = window_of(_day(scan_on), since=_day(since), until=_day(until), streams=stream)
    with database.running() as access, progress() as bar:
        database.prepare(access)
        total = len(roster.accounts(access, platform, settings.today()))
        task = bar.add_task(f"extract {platform}", total=len(account) if account else total)
        done = extraction.extract(
            access,
            platform,
            only=account,
            window=window,
            on_account=lambda _: bar.advance(task),
        )
        bar.update(task, completed=done.accounts, total=done.accounts)
    rows = ", ".join(f"{n} {stream}" for stream, n in sorted(done.landed.rows.items()))
    console.print(
        f"{done.accounts} accounts in {done.request_count} requests: {rows or 'no rows'};"
        f" {done.skipped} were complete already.",
        highlight=False,
    )
    for reason, count in sorted(done.landed.reasons.items()):
        if reason:
            console.print(f"{count:>6} streams: {reason}", highlight=False)
    if done.throttled:
        raise KlankbordError(
            f"{platform} asks for patience until {done.throttled.retry_at:%H:%M:%S} UTC: what was "
            "complete is stored; run the same command after that."
        )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise KlankbordError(f"{text!r} is no date: write it as 2026-09-30.") from error
