"""What is published of incidents, for the command line and the evaluation page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extras import RealDictCursor

from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.publish import swap

Row = Mapping[str, Any]


class IncidentError(KlankbordError):
    """An incident that is not there; says which there are."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An incident as it is published: rows of rpt_incident (one), rpt_incident_organisation,
    rpt_incident_channel, rpt_incident_message and rpt_incident_amplification."""

    incident: Row
    organisations: list[Row]
    channels: list[Row]
    messages: list[Row]
    amplification: list[Row]


def incidents(access: Access) -> list[Row]:
    """Every published incident, the latest alarm first."""
    _must_be_published(access)
    with (
        access.connect(swap.READER) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        order = "alarmed_at desc, source, incident_id"
        return _rows(cursor, f"select * from published.rpt_incident order by {order}")  # noqa: S608


def evaluation(access: Access, name: str) -> Evaluation:
    """The incident SOURCE/ID; IncidentError where none is published under that name."""
    _must_be_published(access)
    with (
        access.connect(swap.READER) as connection,
        connection.cursor(cursor_factory=RealDictCursor) as cursor,
    ):
        found = _rows(
            cursor,
            "select * from published.rpt_incident where source || '/' || incident_id = %s",
            name,
        )
        if not found:
            raise IncidentError(
                f"No incident {name!r} is published: `klankbord incident list` names them all "
                "(after a build)."
            )
        key = found[0]["source"], found[0]["incident_id"]
        return Evaluation(
            found[0],
            _of(cursor, "organisation", "delay_minutes nulls last, organisation_name_nl", key),
            _of(cursor, "channel", "organisation_id, delay_minutes nulls last, platform", key),
            _of(cursor, "message", "created_at, account_id, post_id", key),
            _of(cursor, "amplification", "platform", key),
        )


def _of(cursor: Cursor, part: str, order: str, key: tuple[str, str]) -> list[Row]:
    return _rows(
        cursor,
        f"select * from published.rpt_incident_{part}"  # noqa: S608  (names of this module)
        f" where source = %s and incident_id = %s order by {order}",
        *key,
    )


def _rows(cursor: Cursor, query: str, *values: str) -> list[Row]:
    cursor.execute(query, values)
    return [dict(row) for row in cursor.fetchall()]


def _must_be_published(access: Access) -> None:
    with access.connect(swap.ROLE) as connection, connection.cursor() as cursor:
        cursor.execute("select to_regclass('published.rpt_incident') is not null")
        if not cursor.fetchone()[0]:
            raise IncidentError("No incident is published yet: run `klankbord build`.")
