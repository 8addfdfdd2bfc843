"""The world's accounts and messages as X's objects, in either generation of X's names."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from klankbord.sandbox.events import happened
from klankbord.sandbox.model import Message, Person, WorldAccount

LONGEST = 280  # characters in `text`; the whole of a longer post stands in its note


@dataclass(frozen=True, slots=True)
class Names:
    """One generation of X's contract, by what it calls the same things."""

    host: str
    fields_parameter: str
    fields: frozenset[str]
    expansions: frozenset[str]
    referenced: str
    referenced_expansion: str
    included_posts: str
    repost_count: str
    post_count: str
    note: str


_FIELDS = frozenset({"conversation_id", "created_at", "id", "public_metrics", "text"})
_PEOPLE = frozenset({"author_id", "in_reply_to_user_id"})
NEW = Names(
    "https://api.x.com", "post.fields", _FIELDS | {"note_post"}, _PEOPLE | {"referenced_posts"},
    "referenced_posts", "referenced_posts", "posts", "repost_count", "post_count", "note_post",
)  # fmt: skip
OLD = Names(
    "https://api.twitter.com", "tweet.fields",
    _FIELDS | _PEOPLE | {"note_tweet", "referenced_tweets"}, _PEOPLE | {"referenced_tweets.id"},
    "referenced_tweets", "referenced_tweets.id", "tweets", "retweet_count", "tweet_count",
    "note_tweet",
)  # fmt: skip


def names_of(sandbox: Any) -> Names:
    """The generation of names that this sandbox speaks."""
    return OLD if getattr(sandbox, "x_legacy_names", False) else NEW


@dataclass(frozen=True, slots=True)
class Writer:
    """Messages as X's objects: what was asked for, in one generation of names."""

    sandbox: Any
    names: Names
    account: WorldAccount
    fields: frozenset[str]
    expansions: frozenset[str]
    _parents: dict[int, Message | None] = field(default_factory=dict)

    def post(self, message: Message) -> dict[str, Any]:
        """A post object; a key whose value is absent is left out, as X does."""
        parent = self._parent(message)
        text = message.text
        if message.kind == "repost" and message.reposted_author:
            text = f"RT @{message.reposted_author.handle}: {message.reposted_text}"
        references = []
        if message.parent_id is not None:
            references.append({"type": "replied_to", "id": str(message.parent_id)})
        if message.kind == "repost":
            reposted = message.reposted_id or message.message_id - 1
            references.append({"type": "retweeted", "id": str(reposted)})
        values = {
            "id": str(message.message_id),
            "text": text if len(text) <= LONGEST else text[: LONGEST - 1] + "…",
            self.names.note: {"text": text} if len(text) > LONGEST else None,
            "created_at": _time(message.created_at),
            "conversation_id": str(message.root_id),
            "author_id": str(self._author_id(message)),
            "in_reply_to_user_id": str(self._author_id(parent)) if parent else None,
            self.names.referenced: references or None,
            "public_metrics": self._counters(message) if "public_metrics" in self.fields else None,
        }
        asked = self.fields | {e.removesuffix(".id") for e in self.expansions}
        return {key: value for key, value in values.items() if key in asked and value is not None}

    def included(self, part: Sequence[Message], user_fields: frozenset[str]) -> dict[str, Any]:
        """What the expansions ask for beside the posts: people, and the posts referred to."""
        people: dict[int, dict[str, Any]] = {}
        posts: dict[int, dict[str, Any]] = {}
        own = user(self.sandbox, self.names, self.account, user_fields)
        for message in part:
            parent = self._parent(message)
            for name, found in (("author_id", message), ("in_reply_to_user_id", parent)):
                if found and name in self.expansions:
                    people[self._author_id(found)] = _person(found.author) if found.author else own
            wants_posts = self.names.referenced_expansion in self.expansions
            if parent and wants_posts and parent.message_id not in posts:
                posts[parent.message_id] = self.post(parent)
        included = {"users": list(people.values()), self.names.included_posts: list(posts.values())}
        return {key: value for key, value in included.items() if value}

    def _parent(self, message: Message) -> Message | None:
        if message.parent_id is None:
            return None
        if message.parent_id not in self._parents:
            found = self.sandbox.world.message(self.account, message.parent_id)
            self._parents[message.parent_id] = found
        return self._parents[message.parent_id]

    def _author_id(self, message: Message) -> int:
        return message.author.user_id if message.author else self.account.user_id

    def _counters(self, message: Message) -> dict[str, int]:
        metrics = dict.fromkeys(
            ("bookmark_count", "impression_count", "like_count", "quote_count", "reply_count"), 0
        )
        metrics[self.names.repost_count] = 0
        if message.is_own:
            seen = self.sandbox.world.counters(self.account, message, self.sandbox.now())
            metrics |= {
                "impression_count": seen.views,
                "like_count": seen.reactions,
                "quote_count": seen.quotes,
                "reply_count": seen.comments,
                self.names.repost_count: seen.shares,
            }
        return metrics


def user(
    sandbox: Any, names: Names, account: WorldAccount, fields: frozenset[str], divisor: int = 1
) -> dict[str, Any]:
    """A user object; the follower count is divided by `divisor` (the fault `shrunken`)."""
    values: dict[str, Any] = {
        "id": str(account.user_id),
        "name": account.name,
        "username": account.handle,
        "created_at": "2012-01-01T08:00:00.000Z",
        "protected": happened(sandbox, account, "protected") is not None,
    }
    if "public_metrics" in fields:
        values["public_metrics"] = {
            "followers_count": sandbox.world.followers(account, sandbox.now()) // divisor,
            "following_count": 100,
            "listed_count": 10,
            names.post_count: 1000,
        }
    asked = fields | {"id", "name", "username", "public_metrics"}
    return {key: value for key, value in values.items() if key in asked}


def _person(person: Person) -> dict[str, Any]:
    return {"id": str(person.user_id), "name": person.name, "username": person.handle}


def _time(moment: datetime) -> str:
    """2021-02-24T02:13:43.000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
