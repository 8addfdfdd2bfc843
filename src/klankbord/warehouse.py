"""dbt, in this process, one layer at a time; a failed model is named in the error."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from klankbord import settings
from klankbord.database import Access
from klankbord.errors import KlankbordError

ROLE = "klankbord_transformer"
LAYERS = ("staging", "intermediate", "marts", "reporting")
THREADS = "2"
MESSAGE_LINES = 6  # enough for PostgreSQL's LINE, DETAIL and HINT, and for a unit test's difference


class BuildError(KlankbordError):
    """dbt built not everything: names the nodes that failed and what the database said."""


@dataclass(frozen=True, slots=True)
class Built:
    """Counts of dbt's nodes by status (success, pass, warn, skipped), and what each node took."""

    statuses: dict[str, int]
    warnings: tuple[str, ...]
    seconds: dict[str, float]


def build(
    access: Access,
    layer: str | None = None,
    *,
    without: Sequence[str] = (),
    full_refresh: bool = False,
    tested: bool = True,
) -> Built:
    """`dbt build` of one layer (with the seeds in `staging`), or of everything: models and data
    tests, or models alone. Unit tests say nothing of today's rows: `check_logic` runs them."""
    arguments = ["build", *_kinds(tested)]
    if layer == "staging":
        arguments += ["--select", "resource_type:seed", "path:models/staging"]
    elif layer:
        arguments += ["--select", f"path:models/{layer}"]
    if without:
        arguments += ["--exclude", *without]
    if full_refresh:
        arguments.append("--full-refresh")
    return run(access, arguments)


def build_only(access: Access, models: Sequence[str], *, tested: bool = True) -> Built:
    """`dbt build` of these models, with their data tests or alone."""
    return run(access, ["build", *_kinds(tested), "--select", *models])


def _kinds(tested: bool) -> list[str]:
    left_out = ["unit_test"] if tested else ["unit_test", "test"]
    return [word for kind in left_out for word in ("--exclude-resource-type", kind)]


def check_logic(access: Access) -> Built:
    """dbt's unit tests, over a warehouse that was built once (of no rows will do)."""
    return run(access, ["test", "--select", "test_type:unit"])


def run(access: Access, arguments: Sequence[str]) -> Built:
    """Any dbt command over the project; raises BuildError with every node that failed."""
    from dbt.cli.main import dbtRunner

    with _environment(access):
        result = dbtRunner().invoke([*arguments, *_options(), *_artifacts(arguments[0])])
    if result.exception is not None:
        raise BuildError(f"dbt {arguments[0]} stopped: {_on_one_line(str(result.exception))}.")
    statuses: dict[str, int] = {}
    seconds: dict[str, float] = {}
    failed, warned = [], []
    for one in _results(result.result):
        status = str(one.status)
        statuses[status] = statuses.get(status, 0) + 1
        seconds[one.node.unique_id] = one.execution_time
        line = f"{one.node.unique_id}: {_on_one_line(one.message)}"
        if status in ("error", "fail", "runtime error"):
            failed.append(line)
        elif status == "warn":
            warned.append(line)
    if failed or not result.success:
        raise BuildError(
            f"dbt {arguments[0]} failed in {len(failed)} node(s): {'; '.join(failed[:10])}."
        )
    return Built(statuses, tuple(warned), seconds)


def _results(result: Any) -> Iterator[Any]:
    yield from getattr(result, "results", None) or ()


def _on_one_line(message: str | None) -> str:
    """What dbt and the database say, without the path of the compiled file."""
    lines = [line.strip() for line in (message or "no message").splitlines()]
    said = [line for line in lines if line and not line.startswith("compiled code at ")]
    return " ".join(said[:MESSAGE_LINES]).rstrip(".?")


def _options() -> list[str]:
    project = settings.PROJECT_ROOT / "dbt_project"
    target = settings.home() / "dbt"
    return [
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(project),
        "--target-path",
        str(target / "target"),
        "--log-path",
        str(target / "logs"),
        "--threads",
        THREADS,
        # what failed stands in the error, all the rest in the log file
        "--log-level",
        "none",
        "--no-use-colors",
    ]


def _artifacts(command: str) -> list[str]:
    """No manifest and no run results as files, except of commands that are run for them: writing
    them took 1.5 of the 3.5 s that a command costs before its first query."""
    return [] if command in ("parse", "compile") else ["--no-write-json"]


def _parallelism() -> str:
    """How many helpers a query of dbt's may have, at most PostgreSQL's own two: what the machine
    has beyond a core for each thread of dbt. Helpers without a core do some work several times."""
    spare = (os.cpu_count() or 1) // int(THREADS) - 1
    return f"max_parallel_workers_per_gather={max(0, min(2, spare))}"


@contextmanager
def _environment(access: Access) -> Iterator[None]:
    """The connection, where dbt's profile looks for it, for the length of one command."""
    p = access.parameters(ROLE)
    wanted = {
        "DBT_ENV_SECRET_PASSWORD": str(p["password"]),
        "KLANKBORD_DBT_HOST": str(p["host"]),
        "KLANKBORD_DBT_PORT": str(p["port"]),
        "KLANKBORD_DBT_USER": ROLE,
        "KLANKBORD_DBT_DBNAME": str(p["dbname"]),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} -c {_parallelism()}".strip(),
    }
    saved = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in saved.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
