"""What a format is: a mapping file. The built-in ones and a user's own are read alike.

    name: our-newsletter          # shown in the preview
    platform: website             # left out: the account's
    level: account                # or post
    period: day                   # or lifetime, or range (from a first to a last day)
    columns:                      # header: role or metric
      Dag: date
      Bezoeken: web_sessions

`docs/imports.md` explains every key. A header is compared without case, accents kept, blanks and
quotes made alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from klankbord.imports import dates, mapping_files, numbers
from klankbord.imports.faults import MappingError, listed
from klankbord.imports.metrics import METRICS
from klankbord.register.vocabulary import Platform

#: what a column can be besides a metric
ROLES = {
    "date": "the day that the row's figures are of",
    "first_day": "the first day that the row's figures are of",
    "last_day": "the last day that the row's figures are of",
    "published": "when the post was published",
    "period": "a day, or one and the same word in every row: then the figures are lifetime ones",
    "post_id": "the platform's id of the post",
    "account_ref": "the platform's id of the page or account",
    "handle": "the account's handle",
    "page_name": "the page's name",
    "titled": "the metric that the title above the header names",
}
PERIODS = ("day", "lifetime", "range")
#: first words of the rows that sum up the others
TOTALS = (
    "Total", "Totals", "Grand total", "Totaal", "Totalen", "Eindtotaal", "Algemeen totaal",
    "Totaux", "Total général", "Gesamt", "Summe",
)  # fmt: skip
_KEYS = {
    "name", "title", "platform", "level", "period", "dates", "decimals", "columns", "languages",
    "recognised_by", "titles", "post_ids", "evidence", "totals",
}  # fmt: skip
_COLUMN_KEYS = {"as", "multiply_by", "divide_by", "pattern", "one_of"}


@dataclass(frozen=True, slots=True)
class Column:
    """What a header means. pattern: the part of the cell that counts. one_of: target -> headers of
    which one must stand in the same row for the header to mean it."""

    header: str
    target: str
    multiply_by: Decimal = Decimal(1)
    divide_by: Decimal = Decimal(1)
    pattern: re.Pattern[str] | None = None
    one_of: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Language:
    """A format's headers in one language. titles: title line -> platform (None: any) -> metric.
    evidence: recorded (a real file), seen (in others' code or texts), translated (not seen)."""

    code: str
    columns: Mapping[str, Column]  # by the header as `normal` makes it
    titles: Mapping[str, Mapping[str | None, str]]
    evidence: str
    dates: dates.Order | None
    decimals: numbers.Mark


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of table. dates, decimals: how a user says they are written, else None; a built-in
    format has habits instead (`Language`). post_ids: "joined" puts the page's id before the
    post's, as Facebook's API does."""

    name: str
    title: str
    platform: str | None
    level: str
    period: str
    languages: tuple[Language, ...]
    recognised_by: frozenset[str]
    post_ids: str
    totals: frozenset[str]
    dates: dates.Order | None
    decimals: numbers.Mark | None
    is_own: bool  # of the user, not of the package


def normal(header: object) -> str:
    """A header for comparison: case, kinds of blanks, quotes and apostrophes do not count."""
    text = unicodedata.normalize("NFKC", str(header)).replace("’", "'").casefold()
    return " ".join(text.strip().strip("\"'\ufeff").split())


@cache
def built_in() -> tuple[Format, ...]:
    """The package's own formats, by name."""
    folder = resources.files("klankbord.imports") / "formats"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return tuple(
        _format(mapping_files.parsed(f.read_bytes(), f.name, as_text=False), f.name, is_own=False)
        for f in files
    )


def own(path: Path) -> Format:
    """A user's mapping file; MappingError with the key that is wrong."""
    said = mapping_files.parsed(mapping_files.content(path), path.name, as_text=False)
    try:
        return _format(said, path.name, is_own=True)
    except (AttributeError, TypeError, ValueError) as error:
        raise MappingError(
            f"{path.name}: a key holds another kind of thing than in docs/imports.md: compare it."
        ) from error


def _format(said: Any, file: str, *, is_own: bool) -> Format:
    if not isinstance(said, dict):
        raise MappingError(f"{file}: it is no mapping file: see docs/imports.md for an example.")
    _known(said, _KEYS, file, "key")
    languages = said.get("languages") or {
        "": {"columns": said.get("columns"), "titles": said.get("titles")}
    }
    if not isinstance(languages, dict) or not all(isinstance(x, dict) for x in languages.values()):
        raise MappingError(f"{file}: `languages` names languages, each with its `columns`.")
    order, mark = said.get("dates"), said.get("decimals")
    found = Format(
        name=str(said.get("name") or Path(file).stem),
        title=str(said.get("title") or said.get("name") or file),
        platform=said.get("platform"),
        level=_one_of(said, "level", ("account", "post"), file),
        period=_one_of(said, "period", PERIODS, file),
        languages=tuple(_language(str(c), x, order, mark, file) for c, x in languages.items()),
        recognised_by=frozenset(said.get("recognised_by") or ()),
        post_ids=_one_of(said, "post_ids", ("plain", "joined"), file, "plain"),
        totals=frozenset(map(normal, said.get("totals") or TOTALS)),
        dates=_one_of(said, "dates", get_args(dates.Order), file, None) if is_own else None,
        decimals=_one_of(said, "decimals", get_args(numbers.Mark), file, None) if is_own else None,
        is_own=is_own,
    )
    _complete(found, file)
    return found


def _language(
    code: str, said: dict, order: dates.Order | None, mark: numbers.Mark | None, file: str
) -> Language:
    columns = said.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise MappingError(f"{file}: `columns` says what each header means: `Bereik: reach`.")
    titles: dict[str, dict[str | None, str]] = {}
    for title, meant in (said.get("titles") or {}).items():
        for one in meant if isinstance(meant, list) else [meant]:
            name, _, platform = str(one).partition(" of ")
            if platform and platform not in get_args(Platform):
                raise MappingError(f"{file}: title {title!r} is of no platform {platform!r}.")
            titles.setdefault(normal(title), {})[platform or None] = _target(name, file, METRICS)
    return Language(
        code=code,
        columns={normal(h): _column(str(h), x, file) for h, x in columns.items()},
        titles=titles,
        evidence=str(said.get("evidence") or ""),
        dates=said.get("dates") or order,
        decimals=said.get("decimals") or mark or ("comma" if code in ("nl", "fr") else "point"),
    )


def _column(header: str, said: Any, file: str) -> Column:
    if not isinstance(said, dict):
        return Column(header, _target(said, file))
    _known(said, _COLUMN_KEYS, file, f"key of column {header!r}")
    if choices := said.get("one_of"):
        one_of = {
            _target(t, file): frozenset(map(normal, headers)) for t, headers in choices.items()
        }
        return Column(header, "", one_of=one_of)
    try:
        factors = [Decimal(str(said.get(key, 1))) for key in ("multiply_by", "divide_by")]
        pattern = re.compile(said["pattern"]) if "pattern" in said else None
        if not all(f.is_finite() and f > 0 for f in factors):
            raise InvalidOperation
    except (InvalidOperation, re.error, TypeError) as error:
        raise MappingError(
            f"{file}: column {header!r}: `multiply_by` and `divide_by` are numbers over zero, "
            "`pattern` is a regular expression."
        ) from error
    return Column(header, _target(said.get("as"), file), *factors, pattern)


def _target(said: Any, file: str, allowed: Iterable[str] = (*ROLES, *METRICS)) -> str:
    if said not in allowed:
        raise MappingError(f"{file}: {said!r} is no role or metric: use {listed(list(allowed))}.")
    return said


def _one_of(said: dict, key: str, allowed: tuple[str, ...], file: str, *default: Any) -> Any:
    value = said.get(key, *default)
    if value not in (*allowed, *default):
        raise MappingError(f"{file}: `{key}` is {value!r}: use {listed(allowed)}.")
    return value


def _known(said: dict, keys: set[str], file: str, what: str) -> None:
    unknown = sorted(str(key) for key in said if key not in keys)
    if unknown:
        raise MappingError(f"{file}: unknown {what} {listed(unknown)}: use {listed(sorted(keys))}.")


def _complete(found: Format, file: str) -> None:
    """What a table needs beyond its headers: a day, an id of the post, something to measure."""
    if found.platform is not None and found.platform not in get_args(Platform):
        raise MappingError(
            f"{file}: platform {found.platform!r} is unknown: use {listed(get_args(Platform))}."
        )
    for language in found.languages:
        targets = {c.target for c in language.columns.values()}
        targets |= {t for c in language.columns.values() for t in c.one_of}
        wants = {
            "a metric": bool(targets & {*METRICS, "titled"}),
            "`post_id`, for its level is post": found.level == "account" or "post_id" in targets,
            "`date`, for its period is day": found.period != "day" or "date" in targets,
        }
        lacks = [what for what, is_there in wants.items() if not is_there]
        if lacks or found.recognised_by - targets:
            missing = listed(lacks or sorted(found.recognised_by - targets))
            raise MappingError(f"{file}: its columns lack {missing}.")
