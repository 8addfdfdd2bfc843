"""Who answers to an account's name must be who it was: no stranger lands in the warehouse.

A name that an organisation gave up may be a citizen's the next day. The platform's id tells: that
of the register or, where it has none, that of the last stored profile. Connectors compare
(`Connector.stranger`) before they ask any further; nothing passes here of an account that was not
compared, so that a connector which forgets it lands nothing. A platform without ids of accounts
(no `user_id` among its `profile_paths`) has nothing to compare.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord.platforms.base import Account, Connector, Window
from klankbord.platforms.events import Event, Item, Outcome

#: An answer that somebody got under another name is no evidence: with a new handle in the register
#: the next answer is believed.
_LAST_SEEN = """
select distinct on (stored.account_id) stored.account_id, stored.payload #>> %(path)s
from unnest(%(ids)s::text[], %(handles)s::text[]) as asked (account_id, handle)
inner join {profiles} as stored on asked.account_id = stored.account_id
where stored.payload #>> %(path)s is not null
    and not exists (
        select from register.accounts as before
        where before.account_id = stored.account_id and before.handle <> asked.handle
            and before.superseded_at >= stored.observed_at
    )
order by stored.account_id, stored.scan_on desc"""


def remember(
    cursor: Cursor, connector: type[Connector], accounts: Sequence[Account]
) -> list[Account]:
    """The accounts, each with the id of its last stored profile where the register has none."""
    path = connector.profile_paths.get("user_id")
    unknown = [a for a in accounts if a.platform_user_id is None]
    if path is None or not unknown:
        return list(accounts)
    cursor.execute(
        sql.SQL(_LAST_SEEN).format(profiles=sql.Identifier("raw", f"{connector.name}_profiles")),
        {
            "path": path.split("."),
            "ids": [a.account_id for a in unknown],
            "handles": [a.handle for a in unknown],
        },
    )
    seen = dict(cursor.fetchall())
    return [replace(a, seen_id=seen.get(a.account_id)) for a in accounts]


def guarded(
    connector: Connector,
    accounts: Iterable[Account],
    window: Window,
    forget: Callable[[str], None],
) -> Iterator[Event]:
    """What a connector yields, but nothing of an account about which it did not ask who answered,
    or whose profile is another's than it asked about. `forget`: drops what came of an account."""
    asked = {a.account_id: a for a in accounts}
    refused: set[str] = set()
    for event in connector.extract(list(asked.values()), window):
        who = event.account_id
        if who in refused:
            continue
        if _is_of_nobody_known(connector, event):
            refused.add(who)
            forget(who)
            yield from connector.outcomes(
                asked[who],
                window,
                "failed",
                "not_recognised",
                f"The connector of {connector.title} did not compare who answered with the "
                "register (Connector.recognise): nothing was stored; repair the connector.",
            )
            continue
        yield event


def _is_of_nobody_known(connector: Connector, event: Event) -> bool:
    path = connector.profile_paths.get("user_id")
    if path is None or (isinstance(event, Outcome) and event.status != "ok"):
        return False
    answered = connector.answered.get(event.account_id)
    if not (isinstance(event, Item) and event.stream == "profiles"):
        return answered is None
    said: Any = event.payload
    for key in path.split("."):
        said = said.get(key) if isinstance(said, Mapping) else None
    return said is None or str(said) != answered
