"""Graph's language of fields: `a,b.limit(5){c}.as(d)`, and the errors that it is answered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PAGE_SIZE, MOST_A_PAGE = 25, 100
#: Graph answers "reduce the amount of data" by the work it foresees: rows times nested rows.
MOST_WORK = 5_000


class GraphError(Exception):
    """An answer of Graph that is an error; `body` is what stands under "error"."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        kind = "GraphMethodException" if more.get("error_subcode") == 33 else "OAuthException"
        self.body = {"message": message, "type": kind, "code": code, **more}


@dataclass(slots=True)
class Field:
    """One field of a `fields` expression: name.modifier(argument){fields}."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)
    fields: "list[Field] | None" = None

    @property
    def key(self) -> str:
        return self.modifiers.get("as", self.name)

    def limit(self) -> int:
        text = self.modifiers.get("limit", str(PAGE_SIZE))
        if not text.isdecimal():
            raise GraphError(400, 100, "(#100) Param limit must be a non-negative integer")
        return min(int(text), MOST_A_PAGE)


def parse_fields(text: str) -> list[Field]:
    """Parse a `fields` expression; GraphError 2500 ("Syntax error") where it is none."""
    fields, at = _field_list(text, 0)
    if at != len(text):
        raise _syntax(text, at)
    return fields


def _field_list(text: str, at: int) -> tuple[list[Field], int]:
    found = []
    while True:
        name, at = _word(text, at)
        one = Field(name)
        while text[at : at + 1] == ".":
            modifier, at = _word(text, at + 1)
            end = text.find(")", at)
            if text[at : at + 1] != "(" or end < 0:
                raise _syntax(text, at)
            one.modifiers[modifier] = text[at + 1 : end]
            at = end + 1
        if text[at : at + 1] == "{":
            one.fields, at = _field_list(text, at + 1)
            if text[at : at + 1] != "}":
                raise _syntax(text, at)
            at += 1
        found.append(one)
        if text[at : at + 1] != ",":
            return found, at
        at += 1


def _word(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and (text[end] == "_" or (text[end].isascii() and text[end].isalnum())):
        end += 1
    if end == at:
        raise _syntax(text, at)
    return text[at:end], end


def _syntax(text: str, at: int) -> GraphError:
    what = f'Unexpected "{text[at]}"' if at < len(text) else "Unexpected end"
    return GraphError(400, 2500, f"Syntax error {what} at character {at}: fields")


#: What an edge takes beside `as` (nested) or `access_token` and `fields` (asked for directly).
#: Graph ignores what it does not know; the sandbox refuses it, so that a misspelt one is found.
MODIFIERS = {
    "published_posts": frozenset({"since", "until", "limit", "after"}),
    "comments": frozenset({"filter", "order", "limit", "summary", "after"}),
    "reactions": frozenset({"limit", "summary"}),
    "insights": frozenset({"metric", "period", "since", "until"}),
}


def work_of(fields: Sequence[Field], modifiers: Mapping[str, frozenset[str]] = MODIFIERS) -> int:
    """The work that fields ask for, in rows; GraphError for a modifier that does not exist."""
    work = 0
    for one in fields:
        for modifier in set(one.modifiers) - modifiers.get(one.name, frozenset()) - {"as"}:
            raise GraphError(400, 100, f"(#100) Unknown modifier {modifier} of field {one.name}")
        is_edge = "limit" in modifiers.get(one.name, ())
        rows = one.limit() if is_edge else 0
        work += rows + (rows if is_edge else 1) * work_of(one.fields or (), modifiers)
    return work


def parse_checked(
    text: str, rows: int = 1, modifiers: Mapping[str, frozenset[str]] = MODIFIERS
) -> list[Field]:
    """The fields of a request; GraphError when they would be too much work."""
    fields = parse_fields(text)
    if rows * work_of(fields, modifiers) > MOST_WORK:
        raise GraphError(
            500,
            1,
            "Please reduce the amount of data you're asking for, then retry your request",
            error_subcode=99,
        )
    return fields
