"""Which threads a scan asks for, where posts are listed from before the window on."""

from datetime import datetime

from klankbord.platforms.base import Account, Window
from klankbord.platforms.ledger import THREAD_AGE


def wants_thread(
    account: Account, post_id: str, created_at: datetime, answers: int | None, window: Window
) -> bool:
    """As the ledger says, except under a post from before the window that was never stored: the
    first scan, whose window it did not lie in either, has read its thread at its full age, and
    nothing is known by which a later move could be told."""
    ledger = account.ledger
    was_read = (
        created_at < window.since
        and post_id not in ledger.posts
        and ledger.messages_known_until is not None
        and created_at + THREAD_AGE <= ledger.messages_known_until
    )
    return not was_read and ledger.wants_thread(post_id, created_at, answers)
