"""What Bluesky shows of an organisation at a moment: profile, feed and threads."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from klankbord.sandbox import bluesky_objects as objects
from klankbord.sandbox.bluesky_objects import Json
from klankbord.sandbox.model import Message, WorldAccount

SERVED = timedelta(days=90)


class View:
    """What one request sees of an organisation at the sandbox's moment."""

    def __init__(self, sandbox: Any, account: WorldAccount, fault: str | None) -> None:
        self.world, self.now, self.account = sandbox.world, sandbox.now(), account
        self.is_shrunken = fault == "shrunken"

    @cached_property
    def author(self) -> Json:
        account = self.account
        avatar = f"https://cdn.bsky.app/img/avatar/plain/{objects.did(account.user_id)}"
        return objects.author(account.user_id, account.handle.lower(), account.name, avatar)

    @cached_property
    def own(self) -> list[Message]:
        """The messages of the served days, newest first."""
        messages = self.world.own(self.account, self.now - SERVED, self.now)
        messages = sorted(messages, key=_sort_key, reverse=True)
        return messages[: len(messages) // 2] if self.is_shrunken else messages

    def profile(self) -> Json:
        """profileViewDetailed."""
        followers = self.world.followers(self.account, self.now)
        return {
            **self.author,
            "followersCount": followers // 10 if self.is_shrunken else followers,
            "followsCount": 0,
            "postsCount": len(self.own),
        }

    def entry(self, message: Message) -> Json:
        """feedViewPost."""
        if message.kind != "repost":
            return {"post": self.post(message)}
        own_uri = objects.uri(self.account.user_id, message.message_id, objects.REPOST)
        reason = {
            "$type": "app.bsky.feed.defs#reasonRepost",
            "by": self.author,
            **objects.strong_ref(own_uri),
            "indexedAt": objects.moment(message.created_at),
        }
        return {"post": objects.reposted_view(message), "reason": reason}

    def post(self, message: Message, replies: int | None = None) -> Json:
        """postView. `replies` where the caller has counted them; citizens' posts need it."""
        counts = {"replyCount": replies or 0, "repostCount": 0, "likeCount": 0, "quoteCount": 0}
        if message.is_own:
            counters = self.world.counters(self.account, message, self.now)
            counts = {
                "replyCount": counters.comments,
                "repostCount": counters.shares,
                "likeCount": counters.reactions,
                "quoteCount": counters.quotes,
            }
        whose = objects.citizen_author(message.author) if message.author else self.author
        record = objects.record(message, self._reply(message))
        return objects.post_view(self.uri(message), whose, record, counts, message.created_at)

    def uri(self, message: Message) -> str:
        whose = message.author or self.account
        return objects.uri(whose.user_id, message.message_id)

    def thread(self, anchor: Message, depth: int, height: int) -> Json:
        """threadViewPost: answers nested, newest first; no `replies` below the asked depth."""
        messages = self.world.thread(self.account, anchor.root_id, self.now)
        by_id = {m.message_id: m for m in messages}
        answers: dict[int | None, list[Message]] = {}
        for message in sorted(messages, key=_sort_key, reverse=True):
            answers.setdefault(message.parent_id, []).append(message)

        def node(message: Message) -> Json:
            replies = len(answers.get(message.message_id, ()))
            post = self.post(message, replies)
            return {"$type": "app.bsky.feed.defs#threadViewPost", "post": post}

        def below(message: Message, levels: int) -> Json:
            made = node(message)
            if levels:
                under = answers.get(message.message_id, ())
                made["replies"] = [below(answer, levels - 1) for answer in under]
            return made

        thread, step = below(anchor, depth), anchor
        place = thread
        for _ in range(height):
            if step.parent_id not in by_id:
                break
            step = by_id[step.parent_id]
            place["parent"] = place = node(step)
        return thread

    def _reply(self, message: Message) -> Json | None:
        if message.parent_id is None:
            return None
        root, parent = (
            self.world.message(self.account, number)
            for number in (message.root_id, message.parent_id)
        )
        return {
            "root": objects.strong_ref(self.uri(root)),
            "parent": objects.strong_ref(self.uri(parent)),
        }


def _sort_key(message: Message) -> tuple[datetime, int]:
    return message.created_at, message.message_id
