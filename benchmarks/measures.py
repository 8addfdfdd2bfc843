"""What is measured of a house: a build, an edition, flattening, a figure's reading, sizes."""

import time
from collections import defaultdict
from contextlib import contextmanager

from rich.console import Console

from benchmarks.flat import flatten
from benchmarks.memory import Watch
from benchmarks.processor import measured
from klankbord import benchmark, database, settings

console = Console(stderr=True)

FIGURE = (
    "select value, lower, upper from published.rpt_organisation_metric where organisation_id = %s"
    " and metric_id = 'M26' and platform = 'facebook' and period_start = %s"
    " and period_kind = 'quarter' and definition_id = 'klankbord'"
)
GROUP_FIGURE = (
    "select value, n from published.rpt_group_metric where group_id = 'be-municipality'"
    " and metric_id = 'M26' and platform = 'facebook' and period_start = %s"
    " and period_kind = 'quarter' and definition_id = 'klankbord'"
)


def build(access: database.Access, label: str) -> dict[str, object]:
    """Every step of a build: seconds by step and by node of dbt; seconds of the processor and
    memory by kind of process."""
    steps: dict[str, float] = {}
    nodes: dict[str, float] = defaultdict(float)
    with Watch(access) as watch, measured(access) as spent:
        for step in benchmark.STEPS:
            began = time.monotonic()
            with console.status(f"{label}: {step}"), _recorded(nodes):
                benchmark.run(access, step)
            steps[step] = round(time.monotonic() - began, 2)
    slowest = dict(sorted(nodes.items(), key=lambda item: -item[1])[:40])
    return {
        "label": label,
        "seconds": round(sum(steps.values()), 2),
        "cpu_s": {kind: round(seconds, 1) for kind, seconds in spent.items()},
        "steps": steps,
        "peak_mib": watch.peaks(),
        "tests_s": round(sum(s for n, s in nodes.items() if n.startswith("test.")), 1),
        "models_s": round(sum(s for n, s in nodes.items() if n.startswith("model.")), 1),
        "nodes": {name: round(seconds, 2) for name, seconds in slowest.items()},
    }


@contextmanager
def _recorded(nodes: dict[str, float]):
    """Adds what dbt says of its nodes' times, of every dbt command inside the block."""
    from klankbord import warehouse

    run = warehouse.run

    def recording(access, arguments):
        built = run(access, arguments)
        for node, seconds in built.seconds.items():
            nodes[node.replace(".klankbord.", ".")] += seconds
        return built

    warehouse.run = recording
    try:
        yield
    finally:
        warehouse.run = run


def edition(access: database.Access, period: str) -> dict[str, object]:
    """Freezing a quarter and checking every byte of it: seconds, rows, memory."""
    from klankbord.editions import freezing, verifying

    with Watch(access) as watch, console.status(f"edition of {period}"):
        began = time.monotonic()
        made = freezing.make(access, period, settings.now())
        made_s = time.monotonic() - began
        faults = verifying.faults(access, made.edition.edition_id)
    return {
        "rows": made.rows,
        "seconds": round(made_s, 1),
        "verify_s": round(time.monotonic() - began - made_s, 1),
        "faults": faults,
        "peak_mib": watch.peaks(),
    }


def flat(access: database.Access) -> dict[str, float]:
    """Seconds that one `create table as` takes of each stream's raw rows."""
    times = {}
    with database.autocommit(access, access.dbname) as cursor:
        for stream in ("profiles", "posts", "messages"):
            cursor.execute(f"drop table if exists bench.{stream}")
            began = time.monotonic()
            with console.status(f"flatten {stream}"):
                cursor.execute(flatten(stream, f"bench.{stream}"))
            times[stream] = round(time.monotonic() - began, 2)
            cursor.execute(f"drop table bench.{stream}")
        cursor.execute("drop table if exists bench.outcomes")
        began = time.monotonic()
        cursor.execute("create table bench.outcomes as select * from raw.outcomes")
        times["outcomes"] = round(time.monotonic() - began, 2)
        cursor.execute("drop table bench.outcomes")
    return times


def buffers(access: database.Access, query: str, values: list[object]) -> tuple[int, str]:
    """What reading a figure touches: buffers, and the name of the index."""
    with access.connect("klankbord_reader") as connection, connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers, format json) {query}", values)
        plan = cursor.fetchone()[0][0]
    found, index = plan["Plan"], ""
    touched = found["Shared Hit Blocks"] + found["Shared Read Blocks"]
    while found:
        index = found.get("Index Name", index)
        found = (found.get("Plans") or [None])[0]
    return touched, index


def sizes(access: database.Access) -> dict[str, int]:
    """Rows of raw (about) and MiB by schema."""
    with database.autocommit(access, access.dbname) as cursor:
        cursor.execute("analyze")
        cursor.execute(
            "select n.nspname, (sum(pg_total_relation_size(c.oid)) / 1048576)::integer"
            " from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
            " where c.relkind = 'r' and n.nspname !~ '^(pg_|information)' group by 1"
        )
        found = {f"{name}_mib": size for name, size in cursor.fetchall()}
        for stream in ("profiles", "posts", "messages", "outcomes"):
            cursor.execute(
                "select sum(reltuples)::bigint from pg_class as c inner join pg_namespace as n"
                " on n.oid = c.relnamespace where n.nspname = 'raw' and c.relkind = 'r'"
                " and relname ~ %s and reltuples > 0",
                [f"(^|_){stream}$"],
            )
            found[f"{stream}_rows"] = cursor.fetchone()[0] or 0
    return found
