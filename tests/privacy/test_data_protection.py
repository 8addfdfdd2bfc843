"""The page says what the code says, and the code stores what the page says."""

from collections.abc import Iterator
from typing import Any

import pytest

from klankbord import data_protection
from klankbord.data_protection import KLANKBORD_FIELDS, fields, tables
from klankbord.platforms.base import discover

SCHEMAS = ("register", "raw", "quarantine", "marts", "published")


def leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield from (leaf for inner in value for leaf in leaves(inner, f"{path}[]"))
    else:
        yield path


def test_every_field_that_a_connector_stores_has_a_purpose():
    assert data_protection.faults() == []


def test_the_page_is_what_the_code_says():
    assert data_protection.PAGE.read_text(encoding="utf-8") == data_protection.page(), (
        "write it with `klankbord privacy page`"
    )


def test_a_new_field_without_a_purpose_says_what_to_add(monkeypatch):
    rules = discover()["x"].fields["profiles"]
    object.__setattr__(rules, "own", (before := rules.own) | {"birthday"})
    try:
        [fault] = data_protection.faults()
        assert "x/profiles: `birthday`" in fault and "PURPOSES" in fault
        with pytest.raises(data_protection.PurposeError, match="birthday"):
            data_protection.page()
    finally:
        object.__setattr__(rules, "own", before)


def test_every_json_path_in_every_raw_table_is_on_the_list(filled):
    seen = 0
    for platform, cls in discover().items():
        for stream in cls.fields:
            for (payload,) in filled.rows(f"select payload from raw.{platform}_{stream}"):
                whose = "own" if payload["klankbord"]["is_own"] else "citizen"
                for path in set(leaves(payload)):
                    seen += 1
                    assert data_protection.is_listed(platform, stream, path, whose), fields.missing(
                        platform, stream, path
                    )
    assert seen > 10_000


def test_a_path_that_is_stored_and_not_listed_is_found():
    assert not data_protection.is_listed("x", "messages", "text", "citizen")
    assert not data_protection.is_listed("x", "posts", "author.name", "own")
    assert not data_protection.is_listed("x", "posts", "klankbord.is_question", "own")
    assert not data_protection.is_listed("x", "messages", "klankbord.incident.kinds[]", "citizen")
    assert not data_protection.is_listed("x", "posts", "public_metricsx", "own")
    assert data_protection.is_listed("x", "posts", "public_metrics.like_count", "own")
    assert not data_protection.is_listed("x", "posts", "public_metrics.like_count", "citizen")
    assert data_protection.is_listed("bluesky", "posts", "post.record.langs[]", "own")


def test_every_column_has_a_purpose(filled):
    columns = filled.rows(
        "select table_schema || '.' || table_name, column_name from information_schema.columns"
        " where table_schema = any(%s)",
        list(SCHEMAS),
        role=filled.access.admin,
    )
    assert len(columns) > 300
    assert tables.unnamed(columns) == []
    assert len(tables.unnamed([("marts.fct_question", "author_pseudonym")])) == 1


def test_every_line_of_the_catalogue_is_about_something(filled):
    """A purpose of a field that nobody stores is a promise about nothing."""
    stored = {
        (platform, stream, path)
        for platform, cls in discover().items()
        for stream, rules in cls.fields.items()
        for path in (rules.own | rules.citizen).union(*KLANKBORD_FIELDS.values())
    }
    used = {fields.purpose_of(*place) for place in stored}
    assert [p.paths for p in fields.PURPOSES if p not in used] == []


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a[].b", "a[].b", True),
        ("*_count", "like_count", True),
        ("*_count", "like_counts", False),
        ("raw.*_posts", "raw.x_posts", True),
        ("a*a", "a", False),
        ("a*b*c", "axbyc", True),
        ("a*b*c", "acb", False),
    ],
)
def test_patterns(pattern, text, fits):
    assert fields.fits(pattern, text) is fits
