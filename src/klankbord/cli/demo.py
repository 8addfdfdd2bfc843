"""`klankbord demo` and `klankbord serve`: the whole house on one machine."""

import signal
from contextlib import ExitStack
from typing import Annotated

import typer
from rich import box
from rich.panel import Panel
from rich.table import Table

from klankbord.cli.main import app, console, progress
from klankbord.publish.summary import Summary, summarise


@app.command()
def demo(
    serve: Annotated[
        bool, typer.Option(help="serve Airflow and Superset after the summary")
    ] = True,
) -> None:
    """Everything over the sandbox: register, DAGs, figures, dashboards, a summary; then serve."""
    from klankbord import demo as steps
    from klankbord import services

    _raise_on_term()
    steps.configure()
    services.refuse_busy_ports()
    console.print("The sandbox plays the platforms: every account and figure below is synthetic.")
    with ExitStack() as stack:
        with progress() as bar:
            access = services.start_database(stack, bar)
            steps.settle()
            superset = services.start_superset(stack, access, bar)
            steps.write_world(bar)
            services.start_sandbox(stack, bar)
            steps.run_dags(access, bar)
            dashboards = services.deploy_dashboards(access, superset, bar)
        show(summarise(access))
        if crisis := steps.incident_page(access):
            console.print(
                f"Crisis clock: {crisis[0]} incidents (`klankbord incident list`); the page of one:"
                f" {crisis[1]}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
        if serve:
            with progress() as bar:
                services.start_airflow(stack, access, bar)
            addresses(dashboards)
            _wait()
        else:
            console.print("Serve it with `make demo` or `make serve`.")
    console.print("Stopped.")


@app.command()
def serve() -> None:
    """Serve Airflow (with its scheduler) and Superset until Ctrl-C; runs no DAG of its own."""
    from klankbord import services, settings

    _raise_on_term()
    services.refuse_busy_ports()
    with ExitStack() as stack:
        with progress() as bar:
            access = services.start_database(stack, bar)
            superset = services.start_superset(stack, access, bar)
            if settings.is_sandbox():
                services.start_sandbox(stack, bar)
            dashboards = services.deploy_dashboards(access, superset, bar)
            services.start_airflow(stack, access, bar)
        addresses(dashboards)
        _wait()
    console.print("Stopped.")


def show(summary: Summary) -> None:
    """What the demo made, as one looks at it: counts, failures, gates, key figures."""
    counts = Table.grid(padding=(0, 2))
    for label, value in summary.counts.items():
        counts.add_row(label, f"{value:,}")
    console.print(Panel(counts, title="Collected (synthetic)", expand=False))
    for line in [*(summary.failures or ["no account failed"]), *summary.gates]:
        console.print(f"  {line}", highlight=False)
    table = Table(
        "organisation type", *summary.columns,
        title=f"Key figures of {summary.month}, synthetic, with n/N organisations",
        caption="\n".join(summary.legend), box=box.SIMPLE_HEAD, caption_justify="left",
    )  # fmt: skip
    for row in summary.rows:
        table.add_row(*row)
    console.print(table)


def addresses(dashboards: list[tuple[str, str]]) -> None:
    """Where to look and how to log in: the passwords are this folder's own.

    Plain lines, never cut: a password is copied from here.
    """
    from klankbord import airflow_home, secrets, settings

    airflow = f"http://127.0.0.1:{settings.port('KLANKBORD_AIRFLOW_PORT')}"
    superset = f"http://127.0.0.1:{settings.port('KLANKBORD_SUPERSET_PORT')}"
    for lines in (
        ("Airflow", airflow, f"user {airflow_home.USER}, password {airflow_home.password()}"),
        ("Superset", superset, f"user admin, password {secrets.secret('superset_admin')}"),
        *((title, url) for title, url in dashboards),
        ("Data Docs of the gates", str(settings.home() / "data_docs" / "index.html")),
    ):
        console.print(f"[bold]{lines[0]}[/bold]", highlight=False)
        for line in lines[1:]:
            console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    console.print("Ctrl-C stops everything that was started.")


def _raise_on_term() -> None:
    """A TERM ends the demo as Ctrl-C does, so that nothing stays behind; so it is under `&`, where
    a shell makes its programs ignore Ctrl-C."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _wait() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("Stopping …")
