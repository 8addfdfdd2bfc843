"""Messages of citizens that grow old: first without an author, then without any id.

An id is replaced by a random one, in the message itself and wherever the account's rows refer to
it, so threads still join; the pairs are held in memory for one account and written nowhere, so
there is no way back.
"""

import re
import secrets as random_secrets
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.platforms.base import FieldRules
from klankbord.privacy_keys import NOBODY
from klankbord.privacy_rows import (
    PSEUDONYM,
    PSEUDONYM_SQL,
    Changed,
    Stored,
    map_leaves,
    rewrite,
)

#: what a replaced id begins with
FORGOTTEN = "forgotten:"
#: a leaf that holds an id, by its name: id, uri, parent_id, parentId, commentUrn, parentComment
_ID_LEAF = re.compile(r"(?:^|[._\[\]])(?:id|uri|parent)$|[a-z](?:Id|Uri|Urn|Comment)$|_(?:id|uri)$")
#: where citizens are spoken of
STREAMS = frozenset({"posts", "messages"})
#: what stays of klankbord's own key when author and ids are gone
_EVENT = {"is_own", "is_question", "questions", "text_length", "rules_version", "stripped"}


def strip_messages(
    connection: Connection,
    platform: str,
    rules: Mapping[str, FieldRules],
    author_on: date,
    message_on: date,
    dry_run: bool,
) -> Iterator[tuple[str, int]]:
    """(what, rows) for each account with messages last read before the two days; commits each."""
    with connection.cursor() as cursor:
        accounts = _accounts(cursor, platform, rules, author_on, message_on)
    for account_id in accounts:
        yield from _Account(connection, platform, rules, account_id).strip(author_on, message_on)
        connection.rollback() if dry_run else connection.commit()


def _accounts(
    cursor: Cursor,
    platform: str,
    rules: Mapping[str, FieldRules],
    author_on: date,
    message_on: date,
) -> list[str]:
    found: set[str] = set()
    if "messages" in rules:
        cursor.execute(
            sql.SQL(
                "select distinct account_id from (select account_id, max(scan_on) as scan_on,"
                " min(coalesce((payload #>> '{{klankbord,stripped}}')::int, 0)) as level from {}"
                " where payload #>> '{{klankbord,is_own}}' = 'false' group by account_id, item_id)"
                " as items where (scan_on < %s and level < 1) or (scan_on < %s and level < 2)"
            ).format(sql.Identifier("raw", f"{platform}_messages")),
            [author_on, message_on],
        )
        found |= {account_id for (account_id,) in cursor.fetchall()}
    for stream, rule in rules.items():
        if stream in STREAMS and (rule.person_ids or rule.person_uris):
            cursor.execute(
                sql.SQL(
                    "select distinct account_id from {} where scan_on < %(before)s"
                    " and (item_id ~ %(token)s or payload::text ~ %(token)s)"
                ).format(sql.Identifier("raw", f"{platform}_{stream}")),
                {"before": author_on, "token": PSEUDONYM_SQL},
            )
            found |= {account_id for (account_id,) in cursor.fetchall()}
    return sorted(found)


class _Account:
    """One account's rows of all streams, in which ids are replaced together."""

    def __init__(
        self,
        connection: Connection,
        platform: str,
        rules: Mapping[str, FieldRules],
        account_id: str,
    ) -> None:
        self._connection = connection
        self._platform = platform
        self._rules = rules
        self._account_id = account_id
        self._new: dict[str, str] = {}  # old id -> new id
        self._known: set[str] = set()  # ids of its rows
        self._level: dict[str, int] = {}  # id of a message -> how much of it goes: 1 or 2
        self._author_on = date.min

    def strip(self, author_on: date, message_on: date) -> Iterator[tuple[str, int]]:
        """Replace what is too old, in every row of the account."""
        self._author_on = author_on
        with self._connection.cursor() as cursor:
            self._look(cursor, author_on, message_on)
        for stream, rules in self._rules.items():
            if stream not in STREAMS:
                continue
            table = f"{self._platform}_{stream}"

            def change(row: Stored, rules: FieldRules = rules, stream: str = stream) -> Changed:
                return self._changed(row, rules, stream)

            values = {"account_id": self._account_id}
            where = sql.SQL("account_id = %(account_id)s")
            changed, _ = rewrite(self._connection, table, change, where, values)
            yield f"persons in raw.{table}", changed
        with self._connection.cursor() as cursor:
            yield "ids in raw.tombstones", self._tombstones(cursor)

    def _look(self, cursor: Cursor, author_on: date, message_on: date) -> None:
        for stream, rules in self._rules.items():
            cursor.execute(
                sql.SQL(
                    "select item_id, bool_and(coalesce(payload #>> '{{klankbord,is_own}}', 'true')"
                    " = 'true'), max(scan_on) from {} where account_id = %s group by item_id"
                ).format(sql.Identifier("raw", f"{self._platform}_{stream}")),
                [self._account_id],
            )
            for item_id, is_own, scan_on in cursor.fetchall():
                self._known.add(item_id)
                if stream == "messages" and not is_own and scan_on < author_on:
                    self._level[item_id] = 2 if scan_on < message_on else 1
                named = bool(rules.person_uris) and bool(PSEUDONYM.search(item_id))
                if (named and scan_on < author_on) or self._level.get(item_id) == 2:
                    self._replace(item_id)

    def _replace(self, old: str) -> str:
        if old.startswith(FORGOTTEN) or old == NOBODY:
            return old
        return self._new.setdefault(old, FORGOTTEN + random_secrets.token_hex(8))

    def _changed(self, row: Stored, rules: FieldRules, stream: str) -> Changed:
        level = self._level.get(row.item_id, 0) if stream == "messages" else 0
        is_old = level > 0 or row.scan_on < self._author_on

        def leaf(path: str, value: Any) -> Any:
            if not isinstance(value, str) or path in rules.text:
                return value
            if value in self._new:
                return self._new[value]
            if is_old and path in rules.person_ids and PSEUDONYM.fullmatch(value):
                return NOBODY
            # the id of a message that still has it is replaced when that message grows old; any
            # other that is none of the account's leads to somebody
            is_known = value in self._known
            if is_old and path in rules.person_uris and PSEUDONYM.search(value) and not is_known:
                return self._replace(value)
            if level == 2 and _ID_LEAF.search(path) and not is_known:
                return self._replace(value)
            return value

        payload = map_leaves(row.payload, leaf)
        if level:
            facts = dict(payload["klankbord"]) | {"stripped": level}
            facts.pop("author", None)
            facts.pop("hashtags", None)
            payload["klankbord"] = {k: v for k, v in facts.items() if level == 1 or k in _EVENT}
        return Changed(self._new.get(row.item_id, row.item_id), payload)

    def _tombstones(self, cursor: Cursor) -> int:
        """A deleted message that lost its id has a tombstone under the new one."""
        cursor.execute("select to_regclass('raw.tombstones') is not null")
        if not cursor.fetchone()[0] or not self._new:
            return 0
        cursor.execute(
            "update raw.tombstones as t set item_id = n.new_id"
            " from unnest(%s::text[], %s::text[]) as n (old_id, new_id)"
            " where t.account_id = %s and t.item_id = n.old_id",
            [list(self._new), list(self._new.values()), self._account_id],
        )
        return cursor.rowcount
