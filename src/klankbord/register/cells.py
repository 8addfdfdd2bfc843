"""What may stand in a cell. A column's name means the same in every file, so one parser a name.

A parser takes the stripped text and returns the value; it raises `CellError` with what is wrong
and what to do, as the end of a sentence that starts with the column's name.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, get_args

from klankbord.register import vocabulary


class CellError(ValueError):
    """A cell's text is impossible."""


def shown(text: str) -> str:
    """A cell's text for a message: quoted, short, on one line."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _matching(pattern: str, wanted: str, kind: Callable[[str], Any] = str) -> Callable:
    compiled = re.compile(pattern, re.ASCII)

    def parse(text: str) -> Any:
        if not compiled.fullmatch(text):
            raise CellError(f"{shown(text)} is not {wanted}")
        return kind(text)

    return parse


def _one_of(values: Any) -> Callable[[str], str]:
    choices = get_args(values)

    def parse(text: str) -> str:
        if text not in choices:
            raise CellError(f"{shown(text)} is unknown; use one of {', '.join(choices)}")
        return text

    return parse


def _date(text: str) -> date:
    try:
        # fromisoformat also reads 20250101 and 2025-W01-1, which a reader of the file may not.
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass  # February 30: the same sentence as for any other text
    raise CellError(f"{shown(text)} is not a date; write it as 2025-01-31")


def _inhabitants(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise CellError(
            f"{shown(text)} is not a number of inhabitants; write a whole number, 0 or more, "
            "in digits only"
        )
    return int(text)


def _degrees(limit: int) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = re.fullmatch(r"-?\d{1,3}(\.\d{1,15})?", text, re.ASCII)
        if not number or abs(float(text)) > limit:
            raise CellError(f"{shown(text)} is not a number of degrees from -{limit} to {limit}")
        return float(text)

    return parse


def _amount(text: str) -> float:
    # numeric(14,4) of the warehouse: more digits would come back as another number
    if not re.fullmatch(r"\d{1,10}(\.\d{1,4})?", text, re.ASCII):
        raise CellError(
            f"{shown(text)} is not an amount; write digits with a decimal point, such as 2.5"
        )
    return float(text)


def _optional(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text) if text else None


def _required(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def checked(text: str) -> Any:
        if not text:
            raise CellError("is empty; fill it in")
        return parse(text)

    return checked


_identifier = _required(
    _matching(
        r"[a-z0-9]+(-[a-z0-9]+)*",
        "an id; use small letters, digits and single hyphens between them",
    )
)

_PARSERS: dict[str, Callable[[str], Any]] = {
    "organisation_id": _identifier,
    "member_id": _identifier,
    "account_id": _identifier,
    "predecessor_id": _identifier,
    "successor_id": _identifier,
    "group_id": _identifier,
    "neighbour_id": _identifier,
    "country": _required(_one_of(vocabulary.Country)),
    "organisation_type": _required(_one_of(vocabulary.OrganisationType)),
    "platform": _required(_one_of(vocabulary.Platform)),
    "role": _required(_one_of(vocabulary.Role)),
    "access_tier": _required(_one_of(vocabulary.AccessTier)),
    "basis": _required(_one_of(vocabulary.Basis)),
    "source": _required(str),
    "official_code": _optional(str),
    "name_nl": _optional(str),
    "name_fr": _optional(str),
    "name_de": _optional(str),
    "name_en": _optional(str),
    "province_code": _optional(str),
    "region_code": _optional(str),
    "website": _optional(_matching(r"https?://\S+", "an address; start it with https://")),
    "kbo": _optional(_matching(r"\d{10}", "an enterprise number; write its 10 digits")),
    "wikidata": _optional(_matching(r"Q\d+", "a Wikidata item; write it as Q12892")),
    "latitude": _optional(_degrees(90)),
    "longitude": _optional(_degrees(180)),
    "valid_from": _optional(_date),
    "valid_to": _optional(_date),
    "reference_date": _required(_date),
    "effective_date": _required(_date),
    "inhabitants": _required(_inhabitants),
    "handle": _required(str),  # its form depends on the platform: check.py
    "platform_user_id": _optional(str),
    "site_id": _required(_matching(r"[1-9]\d{0,8}", "a site's number; write its digits")),
    "address": _required(
        _matching(r"https?://[^\s?#]+", "an address; start it with https://, without ? and #")
    ),
    "scope": _required(_one_of(vocabulary.ConsentScope)),
    "granted_on": _required(_date),
    "withdrawn_on": _optional(_date),
    "token_expires_on": _optional(_date),
    "evidence": _required(str),
    "target_id": _identifier,
    "metric_id": _required(_matching(r"M\d{2}[a-z]?", "a metric; write its id, such as M05")),
    "segment": _required(_one_of(vocabulary.Segment)),
    "kind": _required(_one_of(vocabulary.TargetKind)),
    "direction": _required(_one_of(vocabulary.Direction)),
    "target_value": _required(_amount),
    "unit": _required(_one_of(vocabulary.TargetUnit)),
    "denominator": _required(_one_of(vocabulary.Denominator)),
    "baseline_date": _required(_date),
    "baseline_value": _optional(_amount),
    "due_date": _required(_date),
    "weekday": _required(
        _matching(r"[1-7]|holiday", "a day; write 1 for Monday to 7 for Sunday, or holiday")
    ),
    "opens_at": _required(
        _matching(r"([01]\d|2[0-3]):[0-5]\d", "a time from 00:00 to 23:59; write it as 09:00")
    ),
    "closes_at": _required(
        _matching(r"([01]\d|2[0-3]):[0-5]\d|24:00", "a time from 00:01 to 24:00; write it as 17:00")
    ),
    "is_synthetic": _required(
        _matching("true|false", "true or false; write one of the two", "true".__eq__)
    ),
}


#: (file, column) whose cell may say less than the same column of other files.
_EXCEPTIONS: dict[tuple[str, str], Callable[[str], Any]] = {
    ("targets", "platform"): _optional(_one_of(vocabulary.Platform)),
}


def parse(column: str, text: str, table: str = "") -> Any:
    """The value of a cell of a known column; raises CellError."""
    if not text.isprintable():
        raise CellError(f"{shown(text)} holds a line break or an invisible character; remove it")
    return _EXCEPTIONS.get((table, column), _PARSERS[column])(text)
