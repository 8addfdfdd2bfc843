"""The build as a list of steps, each safe to run again; the DAG and the command line share it."""

from klankbord import gates, horizon, settings, warehouse
from klankbord.database import Access
from klankbord.publish import swap

STEPS = (
    "build_staging",
    "gate_raw",
    "build_intermediate",
    "build_marts",
    "build_reporting",
    "gate_reporting",
    "publish",
)

#: of the rows of a table: when so many have come or gone, its statistics are made anew
STALE_SHARE = 0.01


def run(access: Access, step: str, *, tested: bool = True) -> dict[str, int]:
    """One step of `STEPS`; returns what it counted (nodes, rules, rows) or raises an error.

    Not `tested`: dbt's data tests are left out, for who builds many times (gates are not).
    """
    if step == "publish":
        return swap.publish(access, settings.now())
    if step == STEPS[0]:
        analyse(access)
    if step.startswith("gate_"):
        return {"rules_held": gates.enforce(access, step.removeprefix("gate_"))}
    if step == "build_intermediate":
        return _intermediate(access, tested)
    return warehouse.build(access, step.removeprefix("build_"), tested=tested).statuses


def _intermediate(access: Access, tested: bool) -> dict[str, int]:
    """What is open is known in two looks: what dbt derives first may open more."""
    horizon.look(access)
    first = warehouse.build_only(access, horizon.FIRST_MODELS, tested=tested).statuses
    horizon.widen(access)
    left = horizon.FIRST_MODELS
    rest = warehouse.build(access, "intermediate", without=left, tested=tested).statuses
    return {status: first.get(status, 0) + rest.get(status, 0) for status in {**first, **rest}}


def analyse(access: Access) -> None:
    """Statistics for what was filled a minute ago: autovacuum comes later than the build, and
    without them PostgreSQL joined thousands of accounts to their outcomes row by row. Those of a
    table of years hold when a day comes."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "select format('analyze %%I.%%I', schemaname, relname) from pg_stat_user_tables"
            " where schemaname in ('raw', 'register') and (n_mod_since_analyze > %s * n_live_tup"
            " or coalesce(last_analyze, last_autoanalyze) is null)",
            [STALE_SHARE],
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
