"""Staging of what people hand in, and presence of channels that nobody can measure, through dbt."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from klankbord import extraction, warehouse
from klankbord.errors import KlankbordError
from klankbord.imports import incident_mapping, incidents, survey, survey_mapping
from klankbord.platforms.base import discover
from tests.inputs import conftest
from tests.inputs.conftest import EXAMPLES, NOW

BY_HAND = {"whatsapp_channel", "whatsapp_group", "snapchat", "nextdoor", "hoplr", "app"}


def rows(access, query: str) -> list[tuple]:
    """What the one role reads that may read every schema."""
    return conftest.rows(access, query, "klankbord_publisher")


@pytest.fixture(scope="module")
def built(inputs):
    """Every example loaded, an archive of a follower count that makes months, and dbt over it."""
    survey.load(inputs, EXAMPLES / "survey.csv", survey_mapping.read(EXAMPLES / "survey.yaml"), NOW)
    for file, mapping in (
        ("incidents.csv", incident_mapping.read(EXAMPLES / "incidents.yaml")),
        ("incidents-own-headings.csv", incident_mapping.own("VRX", "NL")),
    ):
        incidents.load(inputs, EXAMPLES / file, mapping, NOW)
    with inputs.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into raw.archive_followers values"
            " ('voorbeeldem-facebook', '2025-12-31', 900, 's', 'f', 1, now()),"
            " ('voorbeeldem-facebook', '2026-02-10', 950, 's', 'f', 2, now())"
        )
    staging = [f"path:models/staging/{name}" for name in ("surveys", "incidents", "targets")]
    seeds = ["countries", "organisation_types"]
    warehouse.run(inputs, ["build", "--select", "+fct_presence", *seeds, *staging])
    return inputs


def test_staging_says_what_the_files_said(built) -> None:
    boxes = "select subquestion, value::integer from staging.stg_surveys__answers where"
    assert rows(
        built,
        f"{boxes} organisation_id = 'be-municipality-91030' and answer_kind = 'multiple'"
        " order by subquestion_code",
    ) == [("Facebook", 1), ("WhatsApp", 1), ("Snapchat", 0), ("Other", 1)]
    assert rows(
        built,
        "select answer_code, answer_label from staging.stg_surveys__answers"
        " where question_code = 'Q2' order by organisation_id",
    ) == [("A2", "Every department"), ("-oth-", "Other"), ("A1", "Communication department")]
    rates = rows(
        built,
        "select a.organisation_type, count(r.organisation_id), min(a.addressed)"
        " from staging.stg_surveys__addressed as a"
        " join staging.stg_register__organisations as o using (country, organisation_type)"
        " join staging.stg_surveys__responses as r using (survey_id, organisation_id)"
        " group by 1 order by 1",
    )
    assert rates == [("municipality", 2, 2), ("ocmw", 1, 1)]
    assert rows(
        built,
        "select incident_id, alarmed_at, scale_name, latitude from"
        " staging.stg_incidents__incidents where scale_level >= 1 and incident_kind <> 'exercise'"
        " order by 1",
    ) == [
        ("2026-0001", datetime(2026, 2, 14, 20, 7, tzinfo=UTC), "municipal", Decimal("51.10")),
        ("VRX-1", datetime(2026, 3, 1, 3, 5, 6, tzinfo=UTC), "GRIP 2", None),
        ("VRX-2", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "middelbrand", None),
    ]
    assert rows(
        built,
        "select platform, target_value, due_on from staging.stg_targets__targets"
        " where metric_id = 'M13' order by 1",
    ) == [
        ("facebook", Decimal("7.5"), date(2027, 1, 1)),
        ("linkedin", Decimal("5.5"), date(2027, 1, 1)),
    ]


def test_presence_of_what_is_registered_by_hand(built) -> None:
    """A row for every body of the month and channel; an app that was withdrawn is gone."""
    query = (
        "select period_start, organisation_id, platform from marts.fct_presence"
        " where is_present and period_kind = 'month' order by 1, 2, 3"
    )
    town, dutch = "be-municipality-91001", "nl-municipality-gm9901"
    months = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    expected = [(month, town, "whatsapp_channel") for month in months]
    expected.append((months[0], dutch, "app"))
    assert rows(built, query) == sorted(expected)
    assert {
        p for (p,) in rows(built, "select distinct platform from marts.fct_presence")
    } == BY_HAND
    bodies = (
        "select period_start, count(*) from marts.fct_presence where period_kind = 'month'"
        " group by 1 order by 1"
    )
    # the two predecessors ended before the first of these months: six bodies, six channels
    assert rows(built, bodies) == [(month, 6 * 6) for month in months]


def test_the_two_lists_of_channels_by_hand_are_one(built) -> None:
    listed = rows(
        built,
        "select platform from staging.platforms where replies_stream is null"
        " union select platform from staging.channels_by_hand",
    )
    assert {p for (p,) in listed} == BY_HAND


def test_nothing_is_ever_asked_of_them(built, monkeypatch) -> None:
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    assert BY_HAND & set(discover()) == set()
    for platform in sorted(BY_HAND):
        with pytest.raises(KlankbordError):
            extraction.extract(built, platform)
    assert rows(built, "select count(*) from raw.outcomes") == [(0,)]
    assert rows(
        built,
        "select count(*) from intermediate.int_platform_periods where platform <> 'facebook'",
    ) == [(0,)]
