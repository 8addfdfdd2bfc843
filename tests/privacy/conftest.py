"""A small house, filled and built once; each test gets a copy of its database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from psycopg2 import sql

from klankbord import benchmark, database, privacy_keys
from klankbord.database.cluster import ADMIN
from tests.databases import administer, new_warehouse
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import some_bodies


@contextmanager
def _listening() -> Iterator[dict[tuple[str, str], str]]:
    """(platform, pseudonym) -> the id of the person, for everybody whom the scans met."""
    names: dict[tuple[str, str], str] = {}
    compute = privacy_keys.Keyring.pseudonym

    def pseudonym(self, platform: str, person_id: str) -> str:
        name = compute(self, platform, person_id)
        names[platform, name] = person_id
        return name

    privacy_keys.Keyring.pseudonym = pseudonym
    try:
        yield names
    finally:
        privacy_keys.Keyring.pseudonym = compute


@dataclass
class PrivacyHouse(House):
    """`names`: (platform, pseudonym) -> the id of the person."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)


@pytest.fixture(scope="package")
def filled(postgres: database.Access, tmp_path_factory) -> Iterator[PrivacyHouse]:
    """Two scans, eight days apart, and a build. To be left as it is: see `house`."""
    with (
        new_warehouse(postgres) as access,
        open_house(access, only=some_bodies(1)) as opened,
        _listening() as names,
    ):
        opened = PrivacyHouse(**vars(opened), names=names)
        opened.import_archive(tmp_path_factory.mktemp("archive"))
        for moment in (NOW - timedelta(days=8), NOW):
            opened.at(moment)
            opened.scan()
        opened.build()
        # a database can be copied when nobody is connected; dbt and the gates leave connections
        disconnect = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        administer(postgres, sql.SQL(disconnect), access.dbname)
        yield opened


@pytest.fixture
def house(filled: PrivacyHouse) -> Iterator[PrivacyHouse]:
    """The filled house, over a copy of its database that the test may spoil."""
    with new_warehouse(filled.access, template=filled.access) as access:
        filled.at(NOW)
        yield replace(filled, access=access, scans=list(filled.scans))


def everything(
    house: House, schemas: tuple[str, ...] = ("register", "raw", "quarantine")
) -> dict[str, str]:
    """Every row of every table of the schemas, as text, by table."""
    tables = house.rows(
        "select schemaname, tablename from pg_tables where schemaname = any(%s)",
        list(schemas),
        role=ADMIN,
    )
    return {
        f"{schema}.{table}": "\n".join(
            text
            for (text,) in house.rows(
                f'select t::text from "{schema}"."{table}" as t order by 1', role=ADMIN
            )
        )
        for schema, table in tables
    }


def holding(house: House, words: set[str], schemas: tuple[str, ...]) -> dict[str, int]:
    """Tables with one of the words anywhere in a row -> how many rows."""
    patterns = [f"%{word}%" for word in words]
    tables = house.rows(
        "select schemaname, tablename from pg_tables where schemaname = any(%s)",
        list(schemas),
        role=ADMIN,
    )
    found = {
        f"{schema}.{table}": house.rows(
            f'select count(*) from "{schema}"."{table}" as t where t::text like any(%s)',
            patterns,
            role=ADMIN,
        )[0][0]
        for schema, table in tables
    }
    return {table: count for table, count in found.items() if count}


def hashes(house: House, schemas: tuple[str, ...]) -> dict[str, tuple]:
    """(rows, a sum over their hashes) of every table of the schemas: equal is unchanged. Without
    the large tables about bodies, in which no message can be."""
    tables = house.rows(
        "select schemaname, tablename from pg_tables where schemaname = any(%s)"
        " and tablename !~ '^(dim_|rpt_|fct_(metric|group)|int_(group|organisation|inhabitants))'",
        list(schemas),
        role=ADMIN,
    )
    return {
        f"{schema}.{table}": house.rows(
            f"select count(*), sum(hashtextextended(t::text, 0)) from {schema}.{table} as t",
            role=ADMIN,
        )[0]
        for schema, table in tables
    }


def pseudonyms(texts: dict[str, str]) -> set[str]:
    """Whatever has the form of one, anywhere in the rows."""
    return set(re.findall(r"(?<![0-9A-Za-z-])[0-9a-f]{32}(?![0-9A-Za-z-])", str(texts)))


def published(house: House) -> dict[str, tuple[int, str]]:
    """Everything that readers see, but for the moment of publication: rows and a hash of each
    table. Nine decimals: the order in which PostgreSQL adds up is its own."""
    columns = house.rows(
        "select table_name, string_agg(case data_type when 'double precision'"
        " then format('round(%%I::numeric, 9)', column_name) else quote_ident(column_name) end,"
        " ', ' order by ordinal_position) from information_schema.columns"
        " where table_schema = 'published' and table_name <> 'publication' group by 1",
        role="klankbord_reader",
    )
    assert columns
    return {
        table: house.rows(
            f"select count(*), md5(string_agg(r, '|' order by r)) from"
            f" (select row({names})::text as r from published.{table}) as t",
            role="klankbord_reader",
        )[0]
        for table, names in columns
    }


def rebuild(house: House) -> None:
    """The build, as long after the scans as the clock says."""
    for step in benchmark.STEPS:
        benchmark.run(house.access, step, tested=False)
