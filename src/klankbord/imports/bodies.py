"""Which organisation of the register a cell of a survey or a log means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.imports.faults import shown
from klankbord.imports.survey_mapping import plain

#: what the register writes before a name that people leave out, and the other way round
_PREFIXES = (
    "gemeente ",
    "stad ",
    "ocmw ",
    "provincie ",
    "politiezone ",
    "commune de ",
    "ville de ",
)


class Identity(Protocol):
    """How a file says who is meant: klankbord.imports.survey_mapping.SurveyMapping explains it."""

    @property
    def country(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def type_column(self) -> str | None: ...
    @property
    def types(self) -> Mapping[str, str]: ...
    @property
    def values(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Life:
    """A period in the life of a body: of an organisation's row in the register."""

    organisation_id: str
    kind: str
    valid_from: date | None
    valid_to: date | None

    def holds(self, on: date) -> bool:
        """Whether the body lived on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Bodies:
    """found: what a cell may say, plain -> the lives of bodies that it may mean. kinds:
    organisation_id -> (country, type)."""

    mapping: Identity
    found: Mapping[str, list[Life]]
    kinds: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, cursor: Cursor, mapping: Identity) -> "Bodies":
        """From the register's tables, of the mapping's country."""
        cursor.execute(
            "select organisation_id, organisation_type, official_code, name_nl, name_fr, name_de,"
            " valid_from, valid_to from register.organisations"
            " where superseded_at is null and country = %s",
            [mapping.country],
        )
        found: dict[str, list[Life]] = {}
        kinds: dict[str, tuple[str, str]] = {}
        for body, kind, code, *names, start, end in cursor.fetchall():
            kinds[body] = (mapping.country, kind)
            named = {k for name in names if name for k in _names(name)}
            keys = {
                "any": {plain(body)} | _codes(code) | named,
                "organisation_id": {plain(body)},
                "values": {plain(body)},
                "official_code": _codes(code),
                "name": named,
            }[mapping.by]
            for key in keys:
                found.setdefault(key, []).append(Life(body, kind, start, end))
        return cls(mapping, found, kinds)

    def find(self, who: str, kind: str, on: date) -> tuple[str | None, str]:
        """(organisation_id, "") or (None, what is wrong). kind: the cell of the type's column."""
        types = self.mapping.types
        wanted = types.get(plain(kind)) if self.mapping.type_column else types.get("")
        if self.mapping.type_column and wanted is None:
            return None, f"its type {shown(kind)} is not in `organisation.type.values`"
        key = plain(who)
        if self.mapping.by == "values":
            if key not in self.mapping.values:
                return None, f"{shown(who)} is not in `organisation.values`"
            key = plain(self.mapping.values[key])
        if self.mapping.by in ("name", "any") and key not in self.found:
            key = next((key.removeprefix(p) for p in _PREFIXES if key.startswith(p)), key)
        lives = [x for x in self.found.get(key, []) if wanted in (None, x.kind)]
        ids = {x.organisation_id for x in lives if x.holds(on)}
        if len(ids) == 1:
            return ids.pop(), ""
        # a body's name is public, but what stands in the cell may be a person's
        if ids:
            return None, f"{shown(who)} may be {len(ids)} organisations: identify them by code"
        if lives:
            return None, f"{lives[0].organisation_id} does not exist on {on}"
        return None, f"{shown(who)} is no organisation of the register's {wanted or 'types'}"


def _codes(code: str | None) -> set[str]:
    """GM0014 is also written 0014 and 14; a NIS code as it is."""
    if not code:
        return set()
    bare = code.removeprefix("GM")
    return {plain(code), bare, bare.lstrip("0")} if bare != code else {plain(code)}


def _names(name: str) -> set[str]:
    key = plain(name)
    return {key, *(key.removeprefix(p) for p in _PREFIXES if key.startswith(p))}
