"""Made-up worlds for the attack: bodies in groups, their figures, and a warehouse that has them.

The models of suppression read `marts.fct_metric` and the groups' members; both are written here, so
that a world can be as hostile as we like. A platform is a world of its own: same bodies, other
figures.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from psycopg2.extras import execute_values

from klankbord import database, warehouse

MODELS = [
    "dim_metric",
    "dim_definition",
    "int_group_movers",
    "fct_member_figure",
    "fct_contribution",
    "fct_group_statistic",
    "fct_sensitive_cell",
    "fct_group_part",
    "fct_hidden_group",
    "fct_suppressed_cell",
    "fct_rare_place",
    "fct_coincident_cell",
    "fct_group_metric",
]
Period = tuple[str, date]
QUARTER = date(2026, 7, 1)
MONTHS = (date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1))
PERIODS = [("month", start) for start in MONTHS] + [("quarter", QUARTER)]
LAST = {
    ("month", MONTHS[0]): date(2026, 7, 31),
    ("month", MONTHS[1]): date(2026, 8, 31),
    ("month", MONTHS[2]): date(2026, 9, 30),
    ("quarter", QUARTER): date(2026, 9, 30),
}
SIZES = ("under_20k", "20k_50k", "over_50k")
#: a quarter's numerators are its months' together, its last month's, or 1 if a month has 1
FLOWS = frozenset({"M03", "M11", "M21", "M26", "M30"})
STOCKS = frozenset({"M02", "M05"})
SHARES = frozenset({"M02", "M21", "M22", "M26"})


@dataclass(frozen=True)
class Body:
    organisation_id: str
    country: str
    organisation_type: str
    region: str | None
    province: str | None
    size: str | None
    inhabitants: int

    @property
    def base(self) -> str:
        return f"{self.country.lower()}-{self.organisation_type}"

    def groups(self) -> dict[str, str]:
        """group kind -> group id, for the kinds that the body belongs to."""
        found = {"type": self.base}
        if self.region:
            found["region"] = f"{self.base}/region-{self.region}"
        if self.province:
            found["province"] = f"{self.base}/province-{self.province}"
        if self.size:
            found["size_class"] = f"{self.base}/size-{self.size}"
        return found


@dataclass(frozen=True)
class Figure:
    organisation_id: str
    platform: str
    metric_id: str
    period: Period
    value: float
    numerator: float | None
    denominator: float | None


def bodies(organisation_type: str, places: dict[tuple[str | None, str | None], int], seed: int):
    """So many bodies in each (region, province); most small, some large."""
    draw = random.Random(f"{organisation_type}/{seed}")
    found = []
    for (region, province), count in places.items():
        for _ in range(count):
            inhabitants = int(min(550_000, max(900, draw.lognormvariate(9.6, 0.9))))
            size = SIZES[(inhabitants >= 20_000) + (inhabitants > 50_000)]
            found.append(
                Body(
                    f"{organisation_type}-{len(found):03}", "BE", organisation_type, region,
                    province, size, inhabitants,
                )
            )  # fmt: skip
    return found


def figures(
    members: Iterable[Body], platform: str, metric_id: str, seed: int, presence: float,
    constant: float | None = None, spread: float = 1.0,
) -> list[Figure]:  # fmt: skip
    """A metric's figures of some bodies: who is there, in which months, and what they have."""
    draw = random.Random(f"{platform}/{metric_id}/{seed}")
    found = []
    for body in members:
        if draw.random() > presence:
            continue
        monthly = {}
        for month in MONTHS:
            if draw.random() < (0.01 if metric_id == "M05" else 0.15):
                continue
            cases = 1 + int(draw.lognormvariate(0.0, spread) * body.inhabitants / 8_000)
            if metric_id in ("M02", "M22"):
                share = constant if constant is not None else float(draw.random() < 0.6)
                monthly[month] = (share, 1.0)
            elif metric_id in SHARES:
                share = constant if constant is not None else draw.betavariate(2, 2)
                monthly[month] = (float(round(share * cases)), float(cases))
            elif metric_id == "M05":
                ratio = constant if constant is not None else draw.lognormvariate(-2.5, spread)
                monthly[month] = (float(int(ratio * body.inhabitants)), float(body.inhabitants))
            else:
                hours = constant if constant is not None else draw.lognormvariate(1.5, spread)
                monthly[month] = (hours * cases, float(cases))
        if not monthly:
            continue
        pairs = {("month", month): pair for month, pair in monthly.items()}
        pairs["quarter", QUARTER] = (
            monthly[max(monthly)]
            if metric_id in STOCKS
            else max(monthly.values())
            if metric_id == "M22"
            else tuple(map(sum, zip(*monthly.values(), strict=True)))
        )
        scale = 100 if metric_id == "M05" else 1
        for period, (top, bottom) in pairs.items():
            has_pair = metric_id != "M29"
            found.append(
                Figure(
                    body.organisation_id, platform, metric_id, period, scale * top / bottom,
                    top if has_pair else None, bottom if has_pair else None,
                )
            )  # fmt: skip
    return found


def scaled(found: list[Figure], organisation_id: str, factor: float) -> list[Figure]:
    """The same figures, one body's numerators and values multiplied."""
    return [
        replace(f, value=f.value * factor, numerator=f.numerator and f.numerator * factor)
        if f.organisation_id == organisation_id
        else f
        for f in found
    ]


def prepare(access: database.Access) -> None:
    """Seeds, and the tables that the models of suppression read, empty."""
    warehouse.run(access, ["seed"])
    with access.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
        cursor.execute("create schema if not exists intermediate")
        cursor.execute("create schema if not exists marts")
        cursor.execute(
            "create table marts.fct_metric (organisation_id text, platform text, metric_id text,"
            " definition_id text, period_kind text, period_start date, as_of_on date,"
            " value double precision, numerator double precision, denominator double precision,"
            " coverage double precision, is_synthetic boolean);"
            "create table intermediate.int_group_members (group_id text, organisation_id text,"
            " as_of_on date, group_kind text, group_code text, country text,"
            " organisation_type text);"
            "create table intermediate.int_inhabitants_at (organisation_id text, as_of_on date,"
            " inhabitants bigint);"
            "create view marts.dim_group_member as select group_id, organisation_id, as_of_on"
            " from intermediate.int_group_members;"
            "create table intermediate.int_platform_periods (platform text, period_kind text,"
            " period_start date, last_on date);"
            "create table intermediate.int_metric_periods (metric_id text, platform text,"
            " period_kind text, period_start date, last_on date, status text,"
            " has_synthetic_accounts boolean)"
        )


def build(access: database.Access, members: list[Body], found: list[Figure]) -> None:
    """Replace what the tables hold and build the models."""
    codes = {"type": None, "region": "region", "province": "province", "size_class": "size"}
    groups = [
        (group_id, b.organisation_id, day, kind, codes[kind] and getattr(b, codes[kind]), b.country,
         b.organisation_type)
        for b in members
        for kind, group_id in b.groups().items()
        for day in sorted(set(LAST.values()))
    ]  # fmt: skip
    metrics = sorted({(f.metric_id, f.platform) for f in found})
    metrics += [("M06a", platform) for metric, platform in metrics if metric == "M05"]
    tables = {
        "intermediate.int_group_members": groups,
        "intermediate.int_inhabitants_at": [
            (b.organisation_id, day, b.inhabitants) for b in members for day in set(LAST.values())
        ],
        "marts.fct_metric": [
            (f.organisation_id, f.platform, f.metric_id, "klankbord", *f.period, LAST[f.period],
             f.value, f.numerator, f.denominator, 1.0, True)
            for f in found
        ],
        "intermediate.int_platform_periods": [
            (platform, *period, LAST[period])
            for platform in sorted({f.platform for f in found})
            for period in PERIODS
        ],
        "intermediate.int_metric_periods": [
            (metric, platform, *period, LAST[period], "final", True)
            for metric, platform in metrics
            for period in PERIODS
        ],
    }  # fmt: skip
    with access.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
        for table, rows in tables.items():
            cursor.execute(f"truncate {table}")
            execute_values(cursor, f"insert into {table} values %s", rows, page_size=5000)
            cursor.execute(f"analyze {table}")
    warehouse.run(access, ["run", "--select", *MODELS])


def rows(access: database.Access, query: str) -> list[dict]:
    with access.connect("klankbord_transformer") as connection, connection.cursor() as cursor:
        cursor.execute(query)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
