"""What a survey's columns mean: a YAML file that whoever ran the survey writes (docs/inputs.md).

Only what the mapping names is read. It cannot name a column that LimeSurvey fills with what
identifies a person.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from klankbord.imports import mapping_files
from klankbord.imports.faults import MappingError, listed
from klankbord.register.vocabulary import Country, OrganisationType

KINDS = ("single", "multiple", "number", "scale", "text")
BY = ("organisation_id", "official_code", "name", "values")
#: columns that hold or lead to a person: LimeSurvey's codes, and its headings in three languages
PERSONAL = {
    "token", "ipaddr", "refurl", "email", "firstname", "lastname", "participant_id",
    "ip address", "ip-adres", "adresse ip", "referrer url", "email address", "e-mailadres",
    "adresse e-mail", "first name", "voornaam", "prénom", "last name", "achternaam", "nom",
    "nom de famille", "access code", "toegangscode", "code d'accès", "naam", "name", "telefoon",
    "phone", "téléphone",
}  # fmt: skip
#: headings of the columns that every export has, by what they are
STANDARD = {
    "id": ("id", "response id", "antwoord-id", "antwoord id", "id de la réponse"),
    "submitted": ("submitdate", "date submitted", "datum ingediend", "datum verzonden",
                  "date de soumission"),
}  # fmt: skip
_KEYS = {"survey", "title", "year", "organisation", "addressed", "questions", "columns"}
_QUESTION_KEYS = {"code", "text", "kind", "answers", "subquestions", "range", "empty_means_no"}


@dataclass(frozen=True, slots=True)
class Question:
    """One question that is kept. answers: what may stand in a cell (plain) -> (code, label).
    subquestions: code -> label, empty where the question has one column. span: least, most."""

    code: str
    text: str
    kind: str
    answers: Mapping[str, tuple[str, str]]
    subquestions: Mapping[str, str]
    span: tuple[float, float] | None
    empty_means_no: bool


@dataclass(frozen=True, slots=True)
class SurveyMapping:
    """A whole mapping. types: what a cell of `type_column` may say -> organisation type; without
    the column the one type for all. values: a cell -> organisation_id. regions: where the survey
    asked in a part of the country only."""

    survey_id: str
    title: str
    year: int
    country: str
    column: str
    by: str
    type_column: str | None
    types: Mapping[str, str]
    values: Mapping[str, str]
    addressed: Mapping[tuple[str, str], int]
    regions: Mapping[tuple[str, str], tuple[str, ...]]
    questions: tuple[Question, ...]
    columns: Mapping[str, tuple[str, ...]]
    digest: str


def plain(text: object) -> str:
    """For comparison: case and kinds of blanks do not count."""
    return " ".join(str(text).replace("\ufeff", "").split()).casefold()


def is_personal(header: str) -> bool:
    """Whether a heading is one of a column about a person."""
    name = plain(header)
    return name in PERSONAL or re.fullmatch(r"attribute_\d+", name) is not None


def read(path: Path) -> SurveyMapping:
    """The mapping of a file; MappingError with what is wrong in it."""
    content = mapping_files.content(path)
    said = mapping_files.parsed(content, path.name, as_text=True)
    return _Reader(path.name).mapping(said, hashlib.sha256(content).hexdigest())


class _Reader:
    """The checks, each with the file's name."""

    def __init__(self, file: str) -> None:
        self._file = file

    def _wrong(self, what: str) -> MappingError:
        return MappingError(f"{self._file}: {what}: see docs/inputs.md.")

    def _dict(self, said: Any, where: str, keys: set[str] | None = None) -> dict:
        if not isinstance(said, dict) or not said:
            raise self._wrong(f"`{where}` must hold keys")
        if keys and (unknown := sorted(str(k) for k in said if k not in keys)):
            raise self._wrong(f"`{where}` has unknown keys {listed(unknown)}")
        return said

    def _word(self, said: dict, key: str, allowed: tuple[str, ...] = ()) -> str:
        value = said.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(f"`{key}` is missing")
        if allowed and value not in allowed:
            raise self._wrong(f"`{key}` is {value!r}; use {listed(allowed)}")
        return value.strip()

    def mapping(self, said: Any, digest: str) -> SurveyMapping:
        said = self._dict(said, "the file", _KEYS)
        survey_id = self._word(said, "survey")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", survey_id):
            raise self._wrong("`survey` is an id of small letters, digits and single hyphens")
        if not re.fullmatch(r"20\d\d", str(said.get("year")), re.ASCII):
            raise self._wrong("`year` is the year of the survey, such as 2026")
        who = self._dict(
            said.get("organisation"), "organisation", {"column", "by", "country", "type", "values"}
        )
        by = self._word(who, "by", BY)
        kind = who.get("type")
        type_column, types = None, {}
        if isinstance(kind, dict):
            type_column = self._word(kind, "column")
            types = self._dict(kind.get("values"), "organisation.type.values")
            types = {plain(cell): self._type(name) for cell, name in types.items()}
        elif kind is not None:
            types = {"": self._type(kind)}
        elif by in ("official_code", "name"):
            raise self._wrong(f"`organisation.type` is missing: {by} alone names several bodies")
        values = who.get("values") or {}
        if by == "values":
            values = self._dict(values, "organisation.values")
        questions = said.get("questions")
        if not isinstance(questions, list) or not questions:
            raise self._wrong("`questions` lists the questions to keep")
        kept = tuple(self._question(q) for q in questions)
        codes = [q.code for q in kept]
        if twice := sorted({c for c in codes if codes.count(c) > 1}):
            raise self._wrong(f"question {listed(twice)} is described twice")
        extra = said.get("columns") or {}
        if set(extra) - set(STANDARD):
            raise self._wrong(f"`columns` may name {listed(sorted(STANDARD))}")
        return SurveyMapping(
            survey_id=survey_id,
            title=str(said.get("title") or survey_id),
            year=int(said["year"]),
            country=self._word(who, "country", get_args(Country)),
            column=self._word(who, "column"),
            by=by,
            type_column=type_column,
            types=types,
            values={plain(cell): str(body) for cell, body in values.items()},
            addressed=self._addressed(said.get("addressed")),
            regions=self._regions(said["addressed"]),
            questions=kept,
            columns={
                name: (plain(extra[name]),) if name in extra else known
                for name, known in STANDARD.items()
            },
            digest=digest,
        )

    def _type(self, name: object) -> str:
        if name not in get_args(OrganisationType):
            raise self._wrong(f"{name!r} is no type; use {listed(get_args(OrganisationType))}")
        return str(name)

    def _addressed(self, said: Any) -> dict[tuple[str, str], int]:
        if not isinstance(said, list) or not said:
            raise self._wrong("`addressed` lists how many of each type were asked")
        found: dict[tuple[str, str], int] = {}
        for one in said:
            one = self._dict(one, "addressed", {"country", "type", "number", "regions"})
            key = (self._word(one, "country", get_args(Country)), self._type(one.get("type")))
            number = str(one.get("number"))
            if not re.fullmatch(r"[1-9]\d{0,6}", number, re.ASCII):
                raise self._wrong(f"the number of {key[1]} addressed is a whole number over 0")
            if key in found:
                raise self._wrong(f"{key[1]} of {key[0]} is addressed twice")
            found[key] = int(number)
        return found

    def _regions(self, said: list[dict]) -> dict[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for one in said:
            codes = one.get("regions", ())
            if "regions" in one and (not isinstance(codes, list) or not codes):
                raise self._wrong('`regions` lists region codes, such as ["02000"]')
            if bad := [c for c in codes if not re.fullmatch(r"[A-Z0-9]{2,5}", str(c), re.ASCII)]:
                raise self._wrong(f"{bad[0]!r} is no region code; the register has such as 02000")
            found[one["country"], one["type"]] = tuple(codes)
        return found

    def _question(self, said: Any) -> Question:
        said = self._dict(said, "questions", _QUESTION_KEYS)
        code = self._word(said, "code")
        text = str(said.get("text") or code)
        for name in (code, text):
            if is_personal(name):
                raise self._wrong(f"question {name!r} is about a person: it is never stored")
        kind = self._word(said, "kind", KINDS)
        subs = said.get("subquestions") or {}
        answers = said.get("answers") or {}
        for name, value in (("subquestions", subs), ("answers", answers)):
            if not isinstance(value, dict):
                raise self._wrong(f"`{name}` of {code} maps codes to words")
        if kind == "multiple" and not subs:
            raise self._wrong(f"question {code} is multiple and has no `subquestions`")
        if kind == "single" and not answers:
            raise self._wrong(f"question {code} is single and has no `answers`")
        if kind in ("number", "text") and answers:
            raise self._wrong(f"question {code} is a {kind} and has no `answers`")
        span = said.get("range")
        if span is not None and not _is_span(span):
            raise self._wrong(f"`range` of {code} is the least and the most, such as [1, 5]")
        if kind == "scale" and span is None:
            raise self._wrong(f"question {code} is a scale and has no `range`")
        cells: dict[str, tuple[str, str]] = {}
        for answer, label in answers.items():
            for cell in (answer, label):
                if cells.setdefault(plain(cell), (str(answer), str(label)))[0] != str(answer):
                    raise self._wrong(f"question {code}: {cell!r} means two answers")
        return Question(
            code=code,
            text=text,
            kind=kind,
            answers=cells,
            subquestions={str(k): str(v) for k, v in subs.items()},
            span=(float(span[0]), float(span[1])) if span else None,
            empty_means_no=plain(said.get("empty_means_no")) in ("true", "yes"),
        )


def _is_span(said: Any) -> bool:
    is_pair = isinstance(said, list) and len(said) == 2
    form = r"-?\d{1,9}(\.\d{1,4})?"
    is_pair = is_pair and all(re.fullmatch(form, str(x), re.ASCII) for x in said)
    return is_pair and float(said[0]) < float(said[1])
