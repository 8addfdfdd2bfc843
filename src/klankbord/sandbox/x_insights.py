"""What X tells an account's owner of a post: its `non_public_metrics`, and to whom it does not.

The sandbox's bearer is the app's and, for accounts of T3, the owner's as well (as for the other
platforms); `<bearer>.<user id>` is the token of one owner, whatever the tier.
"""

from datetime import datetime, timedelta
from typing import Any

from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.population import access_tier

FIELD = "non_public_metrics"
OLDEST = timedelta(days=30)
#: X's name -> the world's
OF_POST = {
    "impression_count": "impressions",
    "url_link_clicks": "link_clicks",
    "user_profile_clicks": "profile_clicks",
    "engagements": "interactions",
}


def is_token(sandbox: Any, authorization: str | None, path: str) -> bool:
    """Whether X knows the token; owners' are taken where posts are asked for by their ids."""
    bearer = f"Bearer {sandbox.token}"
    if path == "/2/tweets" and authorization and authorization.startswith(f"{bearer}."):
        user_id = authorization.removeprefix(f"{bearer}.")
        return user_id.isdecimal() and sandbox.world.find("x", int(user_id)) is not None
    return authorization == bearer


def figures(
    sandbox: Any, account: WorldAccount, message: Message, authorization: str | None
) -> dict[str, int] | None:
    """The post's figures now; None where X refuses the field: to others, and of posts that are too
    old, are somebody else's or repeat somebody else's."""
    now: datetime = sandbox.now()
    if not message.is_own or message.kind == "repost" or now - message.created_at >= OLDEST:
        return None
    if authorization == f"Bearer {sandbox.token}":
        is_owner = access_tier(sandbox.world.seed, account) == "T3"
    else:
        is_owner = authorization == f"Bearer {sandbox.token}.{account.user_id}"
    if not is_owner:
        return None
    return {
        name: sandbox.world.insight(account, message, ours, now) for name, ours in OF_POST.items()
    }
