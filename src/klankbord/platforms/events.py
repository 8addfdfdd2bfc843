"""What a connector yields: items, how each stream ended, and what was found complete or gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

Stream = Literal["profiles", "posts", "messages", "insights"]
Status = Literal["ok", "failed", "refused", "gone"]
#: what every `insights` item holds, whatever the platform
INSIGHT_KEYS = frozenset({"object", "object_id", "metric", "period", "end_time", "value"})


class Item(msgspec.Struct, frozen=True, gc=False):
    """One object of a platform's answer, verbatim, with what privacy needs to judge it.

    `author_id` is the platform's stable id of the author; `is_own` says that it is the account
    itself. `text` is the message as plain text (None where there is none). `is_reply` says that
    the item answers somebody else: the text of an own reply is not kept, it addresses a citizen.
    `own_id`: the account's id, on a foreign item whose URIs may hold it (Bluesky).

    `created_at` (aware) is needed for posts and messages. `answers`: the platform's own counter of
    answers to a post at this reading. `thread_id`: the item_id of the own post in whose thread a
    message was read; None when it came from a listing (mentions). Ids are those before privacy.
    """

    account_id: str
    stream: Stream
    item_id: str
    payload: Mapping[str, Any]
    author_id: str | None
    is_own: bool
    text: str | None = None
    is_reply: bool = False
    own_id: str | None = None
    created_at: datetime | None = None
    answers: int | None = None
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadRead:
    """Every message of the thread under the own post `thread_id` that still exists was yielded."""

    account_id: str
    thread_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stream of an account ended. Nothing of an account lands before all its outcomes came.

    status: ok | failed (our side or theirs, may work tomorrow) | refused (permission, token) |
    gone (deleted, suspended, unknown). reason: a snake_case word (`token_expired`, `throttled`,
    `server_error`, `timeout`, `malformed_answer`, `account_not_found`, `protected`, ...).
    detail: one sentence, without secrets or personal data. complete_since: every item of the
    stream created since then that still exists was yielded, so that what is missing was deleted.
    observed_since: where a platform shows less than the window (a feed holds its last so many
    items), from when on what was created could be seen; None: the whole window. observed_until:
    until when, where a platform shows what happened later than it happens (LinkedIn's portability,
    48 hours). row_count: how many items there are where they were not yielded again; None: as many
    as were yielded.
    """

    account_id: str
    stream: Stream
    status: Status
    reason: str = ""
    detail: str = ""
    complete_since: datetime | None = None
    observed_since: datetime | None = None
    observed_until: datetime | None = None
    row_count: int | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """The platform says that a post or message that was read before exists no more."""

    account_id: str
    stream: Stream
    item_id: str


@dataclass(frozen=True, slots=True)
class MetricRefused:
    """The platform refused one metric of an account's insights; the others were read.

    `metric`: its name in `dbt_project/seeds/platform_metrics.csv`. `detail`: the platform's code,
    without secrets or personal data. Comes before the account's outcome of `insights`.
    """

    account_id: str
    metric: str
    detail: str = ""


Event = Item | Outcome | ThreadRead | Deleted | MetricRefused
