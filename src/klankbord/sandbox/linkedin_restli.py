"""Rest.li 2.0 as LinkedIn reads it: a query's brackets are literal, what they hold is encoded once.

A client that encodes the brackets, or leaves a urn's colons as they are, is refused here as there.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request

_INTERVAL = re.compile(
    r"\(timeRange:\(start:(\d{12,14}),end:(\d{12,14})\)(?:,timeGranularityType:(DAY))?\)"
)
_URN = re.compile(r"urn:li:([A-Za-z]+):(\d+|\(urn:li:activity:(\d+),(\d+)\))")


class LinkedInError(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, service_code: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"status": status, "code": code, "message": message}
        if service_code:
            self.body["serviceErrorCode"] = service_code


def refused(message: str = "Invalid query parameters passed to request") -> LinkedInError:
    """A request that is not understood."""
    return LinkedInError(400, "ILLEGAL_ARGUMENT", message)


@dataclass(frozen=True, slots=True)
class Query:
    """The raw parameters of a request."""

    raw: dict[str, str]

    @classmethod
    def of(cls, request: Request) -> "Query":
        """The query as it was sent."""
        text = request.scope["query_string"].decode()
        pairs = (part.partition("=") for part in text.split("&") if part)
        return cls({name: value for name, _, value in pairs})

    def text(self, name: str) -> str:
        """A simple value; refused when it is absent or holds what had to be encoded."""
        value = self.raw.get(name)
        if value is None or re.search(r"[:(),]", value):
            raise refused(f"Parameter {name} is missing or not encoded")
        return unquote(value)

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number between 0 and `most`."""
        value = self.raw.get(name, str(default))
        if not value.isdecimal() or int(value) > most:
            raise refused(f"Parameter {name} must be between 0 and {most}")
        return int(value)

    def items(self, name: str, most: int = 100) -> list[str]:
        """The values of List(a,b); empty when the parameter is absent."""
        value = self.raw.get(name)
        if value is None:
            return []
        inner = re.fullmatch(r"List\((.*)\)", value)
        if inner is None or re.search(r"[:()]", inner[1]):
            raise refused(f"Parameter {name} must be a List(...) of encoded values")
        found = [unquote(part) for part in inner[1].split(",") if part]
        if len(found) > most:
            raise refused(f"Parameter {name} has more than {most} values")
        return found

    def interval(self, name: str) -> tuple[int, int, bool]:
        """(start, end, by day) of timeIntervals, in milliseconds."""
        found = _INTERVAL.fullmatch(self.raw.get(name, ""))
        if found is None or int(found[1]) >= int(found[2]):
            raise refused(f"Parameter {name} is no time interval")
        return int(found[1]), int(found[2]), found[3] is not None

    def finder(self, *names: str) -> str:
        """The finder that is asked for, one of `names`."""
        if self.raw.get("q") not in names:
            raise refused("No such finder")
        return self.raw["q"]


def key_of(request: Request, name: str) -> str:
    """A key in the path, refused when it was not encoded as a whole."""
    raw = request.scope["raw_path"].decode()
    if ":" in raw or "(" in raw:
        raise refused("The key of the resource must be encoded")
    return str(request.path_params[name])


def number_of(urn: str, *kinds: str) -> int:
    """The number of a urn of one of these kinds; of a comment, the comment's own."""
    found = _URN.fullmatch(urn)
    if found is None or found[1] not in kinds:
        raise refused(f"{urn} is no urn of {' or '.join(kinds)}")
    return int(found[4] or found[2])
