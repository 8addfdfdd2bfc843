"""Which tables and columns a dataset's SQL names, without a database.

No parser: our datasets are plain selects, so names can be told apart by what stands before and
after them. A name that cannot be placed counts as a column, which makes a slip a fault.
"""

import re
from typing import NamedTuple

_STRINGS = re.compile(r"'(?:[^']|'')*'")
_COMMENTS = re.compile(r"--[^\n]*")
_TABLE = re.compile(r"\b(?:from|join)\s+([a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*)")
_ALIAS = re.compile(r"\bas\s+([a-z_][a-z0-9_]*)")
_CTE = re.compile(r"(?:\bwith|\),?)\s*([a-z_][a-z0-9_]*)\s+as\s*\(")
_WORD = re.compile(r"(?<![\w.])(?:([a-z_][a-z0-9_]*)\.)?([a-z_][a-z0-9_]*)(\s*\()?")
_CAST = re.compile(r"::\s*[a-z]+(?: precision)?")
_KEYWORDS = re.findall(
    r"\w+",
    "select distinct on from inner left join using where with as and or not in is null case when "
    "then else end over partition by order group desc asc true false at time zone between filter "
    "having limit union all",
)


class Names(NamedTuple):
    """used: names that must come from somewhere; made: aliases and CTEs of the same SQL."""

    used: set[str]
    made: set[str]


def find_tables(sql: str) -> set[str]:
    """schema.table of everything that the SQL reads."""
    return set(_TABLE.findall(_bare(sql)))


def find_names(sql: str) -> Names:
    """Column names that the SQL uses, and names that it makes itself."""
    bare = _bare(sql)
    made = set(_ALIAS.findall(bare)) | set(_CTE.findall(bare))
    tables = find_tables(sql)
    used = set()
    for qualifier, name, call in _WORD.findall(_TABLE.sub(" ", bare)):
        is_function = bool(call) and name not in _KEYWORDS
        if not is_function and name not in _KEYWORDS and f"{qualifier}.{name}" not in tables:
            used.add(name)
    return Names(used, made)


def _bare(sql: str) -> str:
    """Lower case, without comments, literals and casts."""
    return _CAST.sub(" ", _STRINGS.sub("''", _COMMENTS.sub(" ", sql))).lower()
