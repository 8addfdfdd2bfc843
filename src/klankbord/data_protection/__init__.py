"""docs/data-protection.md, made from the connectors' allow-lists and the purposes given here."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from klankbord import settings
from klankbord.data_protection.ages import Age, words
from klankbord.data_protection.fields import Purpose, Whose, missing, purpose_of
from klankbord.data_protection.tables import GROUPS, group_of, unnamed
from klankbord.errors import KlankbordError
from klankbord.platforms.base import FieldRules, discover

__all__ = ["KLANKBORD_FIELDS", "PAGE", "faults", "group_of", "is_listed", "page", "unnamed"]

PAGE = settings.PROJECT_ROOT / "docs" / "data-protection.md"
#: what privacy and retention add to each payload, and to those of one side only: an organisation's
#: own items have no verdict on questions, a citizen's name no incident
_OF_BOTH = ("author", "is_own", "text_length", "hashtags", "stripped")
_OF_ONE: Mapping[Whose, tuple[str, ...]] = {
    "own": ("incident",),
    "citizen": ("is_question", "questions", "rules_version"),
}
KLANKBORD_FIELDS: Mapping[Whose, frozenset[str]] = {
    whose: frozenset(f"klankbord.{name}" for name in (*_OF_BOTH, *names))
    for whose, names in _OF_ONE.items()
}
_HEADER = "| what | why | how long | fields |\n|---|---|---|---|"
_TABLE_HEADER = (
    "| tables | what | why | who is behind it at most | how long | columns |\n"
    "|---|---|---|---|---|---|"
)
_WHOSE = {
    "nobody": "nobody",
    "organisation": "an organisation",
    "citizen": "a citizen, under a pseudonym",
    "staff": "a colleague",
}


class PurposeError(KlankbordError):
    """A field is stored and nobody has said why."""


def _streams() -> Iterator[tuple[str, str, FieldRules]]:
    for platform, cls in discover().items():
        for stream, rules in cls.fields.items():
            yield platform, stream, rules


def faults() -> list[str]:
    """Every field that a connector stores without a purpose: one sentence each."""
    return [
        missing(platform, stream, path)
        for platform, stream, rules in _streams()
        for path in sorted((rules.own | rules.citizen).union(*KLANKBORD_FIELDS.values()))
        if purpose_of(platform, stream, path) is None
    ]


def is_listed(platform: str, stream: str, path: str, whose: Whose) -> bool:
    """Whether a path of a stored payload is on the list: named itself, or below a named object."""
    rules = discover()[platform].fields[stream]  # type: ignore[index]
    allowed = KLANKBORD_FIELDS[whose] | (rules.own if whose == "own" else rules.citizen)
    if whose == "citizen" and path in rules.text:
        return False
    # a value of a list stands under `a[]`, and the list itself may be what is named
    return any(path == a or path.startswith((f"{a}.", f"{a}[]")) for a in allowed)


def page() -> str:
    """The page's text. Ages are the settings' defaults: the page is about the code."""
    if found := faults():
        raise PurposeError("\n".join(found))
    lines = [
        (Path(__file__).parent / "intro.md").read_text(encoding="utf-8"),
        "## Of an organisation's own items",
        _HEADER,
        *_fields("own"),
        "\n## Of a citizen's message to an organisation",
        _HEADER,
        *_fields("citizen"),
        "\n## Tables and columns",
        _TABLE_HEADER,
        *_tables(),
    ]
    return "\n".join(lines) + "\n"


def _fields(whose: Whose) -> Iterator[str]:
    """A line for each purpose, with the paths of each platform."""
    used: dict[Purpose, dict[str, dict[str, None]]] = {}
    for platform, stream, rules in _streams():
        paths = rules.own if whose == "own" else rules.citizen
        if whose == "own" or stream == "messages":
            for path in sorted(paths):
                if purpose := purpose_of(platform, stream, path):
                    used.setdefault(purpose, {}).setdefault(platform, {})[path] = None
    for path in sorted(KLANKBORD_FIELDS[whose]):
        if purpose := purpose_of("*", "messages", path):
            used.setdefault(purpose, {}).setdefault("every platform", {})[path] = None
    for purpose, platforms in sorted(used.items(), key=lambda pair: pair[0].what):
        places = "; ".join(
            f"{platform} {', '.join(f'`{path}`' for path in paths)}"
            for platform, paths in platforms.items()
        )
        age: Age = purpose.keep if whose == "own" else purpose.keep_citizen
        yield f"| {purpose.what} | {purpose.why} | {words(age)} | {places} |"


def _tables() -> Iterator[str]:
    wrapped = partial("`{}`".format)
    for group in GROUPS:
        tables = ", ".join(map(wrapped, group.tables.split()))
        columns = ", ".join(map(wrapped, group.columns.split()))
        yield (
            f"| {tables} | {group.what} | {group.why} | {_WHOSE[group.whose]} |"
            f" {words(group.keep)} | {columns} |"
        )
