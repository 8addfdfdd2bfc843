"""What dbt's sessions are told of the machine."""

import os

import psycopg2
import pytest

from klankbord import warehouse as dbt


@pytest.mark.parametrize(
    ("cores", "helpers"), [(None, "0"), (1, "0"), (2, "0"), (4, "1"), (64, "2")]
)
def test_queries_have_helpers_where_cores_are_left(warehouse, monkeypatch, cores, helpers) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setenv("PGOPTIONS", "-c geqo=off")
    with dbt._environment(warehouse):
        connection = psycopg2.connect(**warehouse.parameters(dbt.ROLE))
    try:
        with connection.cursor() as cursor:
            cursor.execute("show max_parallel_workers_per_gather")
            assert cursor.fetchone() == (helpers,)
            cursor.execute("show geqo")  # what somebody set stays
            assert cursor.fetchone() == ("off",)
    finally:
        connection.close()
    assert os.environ["PGOPTIONS"] == "-c geqo=off"
