"""Who a body is compared with, as published."""

from collections.abc import Sequence
from typing import Any

from psycopg2 import sql
from psycopg2.errors import UndefinedTable
from psycopg2.extras import RealDictCursor

from klankbord.database import Access
from klankbord.errors import KlankbordError

ROLE = "klankbord_reader"
Row = dict[str, Any]


class PeersError(KlankbordError):
    """A body, a variable or a map that is not there; says what is."""


def read(access: Access, query: str | sql.Composable, values: Sequence[Any] = ()) -> list[Row]:
    """Rows of the published tables as dictionaries; raises PeersError when nothing is published."""
    with (
        access.connect(ROLE) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        try:
            cursor.execute(query, list(values))
        except UndefinedTable as error:
            raise PeersError(
                "Nothing is published yet: run `make demo`, or extract and `klankbord build`."
            ) from error
        return [dict(row) for row in cursor.fetchall()]


def body(access: Access, organisation: str) -> Row:
    """One body by its id or its name (any case): organisation_id, names, country, type."""
    found = read(
        access,
        "select distinct organisation_id, organisation_name_nl, organisation_name_en, country,"
        " organisation_type from published.rpt_peer_variable where organisation_id = %s"
        " or lower(organisation_name_nl) = lower(%s)"
        " or lower(organisation_name_en) = lower(%s) order by 1",
        [organisation] * 3,
    )
    exact = [row for row in found if row["organisation_id"] == organisation]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        ids = ", ".join(row["organisation_id"] for row in found)
        raise PeersError(f"{organisation!r} is the name of {ids}: use one of these ids.")
    raise PeersError(
        f"No organisation is published under {organisation!r}: name one by its name or id, such as "
        "be-municipality-11002."
    )


def published_peers(access: Access, organisation_id: str, kind: str) -> list[Row]:
    """The members of a body's own set of a kind, nearest first."""
    return read(
        access,
        "select * from published.rpt_peer where organisation_id = %s and group_kind = %s"
        " order by place",
        [organisation_id, kind],
    )


def variables(access: Access, country: str, organisation_type: str) -> list[Row]:
    """What is known of all bodies of a type in a country, one row a body and variable."""
    return read(
        access,
        "select * from published.rpt_peer_variable where country = %s and organisation_type = %s"
        " order by organisation_id, variable",
        [country, organisation_type],
    )
