"""How the sandbox's X reads a query: only what it knows, moments, lists, the token of a page."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from starlette.requests import Request

from klankbord.sandbox.model import Message
from klankbord.sandbox.x_objects import Names
from klankbord.sandbox.x_problems import Refusal, invalid, problem

OPENING = datetime(2010, 11, 6, tzinfo=UTC)  # the least start_time


def page(
    names: Names, rows: Sequence[Message], size: int, token: str | None, fault: str | None
) -> tuple[Sequence[Message], str | None]:
    """(messages, token of the next page): a token holds the last id that was served."""
    start = 0
    if token is not None:
        try:
            last = int(base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8)))
        except (binascii.Error, ValueError) as error:
            raise invalid(names, "pagination_token", token, "is not valid") from error
        start = sum(message.message_id >= last for message in rows)
        if fault == "repeated_page":
            start = max(0, start - size)
    part = rows[start : start + size]
    if part and (start + size < len(rows) or fault == "empty_last_page"):
        digits = base64.b32hexencode(str(part[-1].message_id).encode())
        return part, digits.decode().rstrip("=").lower()
    return part, None


def moment(names: Names, query: Mapping[str, str], key: str) -> datetime | None:
    """The moment that a parameter names; None where it is left out."""
    text = query.get(key)
    if text is None:
        return None
    try:
        named = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise invalid(names, key, text, "is not an RFC 3339 date-time in Z") from error
    if named < OPENING:
        raise invalid(names, key, text, "must be on or after 2010-11-06")
    return named


def fault(request: Request) -> str | None:
    """What was ordered to go wrong with this request."""
    return getattr(request.state, "fault", None)


def only(names: Names, query: Mapping[str, str], known: set[str] | frozenset[str]) -> None:
    """Refuse a parameter that is not `known`."""
    for key in query:
        if key not in known:
            message = f"The query parameter [{key}] is not one of [{','.join(sorted(known))}]"
            raise Refusal(400, problem(names, key, query[key], message))


def listed(
    names: Names, query: Mapping[str, str], key: str, known: frozenset[str]
) -> frozenset[str]:
    """The values of a list, each of them `known`, or a refusal."""
    asked = frozenset(query[key].split(",")) if key in query else frozenset()
    for value in sorted(asked - known):
        raise invalid(names, key, value, f"is not one of [{','.join(sorted(known))}]")
    return asked
