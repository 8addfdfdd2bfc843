"""Which questions were withdrawn before they closed: X lists what is new, and says of nothing that
it went.

Of the mentions only the questions are looked up, once, when they close
(klankbord.platforms.ledger): a hundred a call, their ids alone, at the price of a post each. It is
the last thing that money is spent on; what cannot be read on the day is never noticed.
"""

from collections.abc import Sequence

from klankbord.platforms.base import Account
from klankbord.platforms.x_answers import is_gone, objects
from klankbord.platforms.x_calls import Calls
from klankbord.verdicts import RequestError

PATH, MENTIONS_A_CALL = "/2/tweets", 100


def withdrawn(calls: Calls, accounts: Sequence[Account]) -> tuple[dict[str, list[str]], str]:
    """(the closing questions that X knows no more, by account_id; why some were not looked up, or
    nothing). A mention of two accounts is asked for once."""
    asked: dict[str, list[str]] = {}
    for account in accounts:
        for message_id in account.ledger.closing:
            asked.setdefault(message_id, []).append(account.account_id)
    found: dict[str, list[str]] = {}
    ids = list(asked)
    for start in range(0, len(ids), MENTIONS_A_CALL):
        query = {"ids": ",".join(ids[start : start + MENTIONS_A_CALL])}
        try:
            body = calls.get(PATH, PATH, query, fields="id", purpose="threads")
            problems = objects(body, "errors", PATH)
        except RequestError as error:
            return found, f"Withdrawn questions were not all looked for. {error}"
        for message_id in filter(None, map(is_gone, problems)):
            for account_id in asked.get(message_id, ()):
                found.setdefault(account_id, []).append(message_id)
    return found, ""
