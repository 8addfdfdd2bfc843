"""What is put on Bluesky's own servers, and therefore what Klankbord must find there.

A `Plan` is plain data; `network.mjs` carries it out through the servers' public API and gives back
the ids that the servers chose. `Seeded` joins the two and answers for every body: followers, own
posts with kind, time, parent and counters, and the citizens' messages in its threads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `organisation_id` names a body of the register; None is a citizen."""

    key: str
    handle: str
    name: str
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """`parent`, `root` and `quotes` are keys of earlier posts."""

    key: str
    by: str
    created_at: datetime
    text: str
    parent: str | None = None
    root: str | None = None
    quotes: str | None = None
    is_question: bool = False


@dataclass(frozen=True, slots=True)
class Repost:
    by: str
    of: str
    created_at: datetime


@dataclass(slots=True)
class Plan:
    """Pairs are (who does it, to whom or to which post)."""

    accounts: list[Person] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    reposts: list[Repost] = field(default_factory=list)
    follows: list[tuple[str, str]] = field(default_factory=list)
    likes: list[tuple[str, str]] = field(default_factory=list)
    blocks: list[tuple[str, str]] = field(default_factory=list)
    deleted_posts: list[str] = field(default_factory=list)
    deactivated: list[str] = field(default_factory=list)
    taken_down: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The plan as network.mjs reads it: moments in ISO 8601 with milliseconds and a Z."""
        plain = asdict(self)
        for row in (*plain["posts"], *plain["reposts"]):
            moment = row["created_at"].isoformat(timespec="milliseconds")
            row["created_at"] = moment.replace("+00:00", "Z")
        return plain

    def say(self, key: str, by: str, at: datetime, text: str, **more: Any) -> None:
        """Add a post; the root of an answer follows from its parent."""
        parent = next((p for p in self.posts if p.key == more.get("parent")), None)
        root = (parent.root or parent.key) if parent else None
        self.posts.append(Post(key, by, at, text, root=root, **more))


@dataclass(frozen=True, slots=True)
class Known:
    """One item as it must be found. For a citizen's message the counters mean nothing."""

    item_id: str
    kind: str
    created_at: datetime
    parent_id: str | None
    is_question: bool = False
    reactions: int = 0
    comments: int = 0
    shares: int = 0
    quotes: int = 0


@dataclass(frozen=True, slots=True)
class Seeded:
    """A plan that was carried out: with `url` of the AppView, DIDs by account, URIs by post."""

    plan: Plan
    url: str
    dids: Mapping[str, str]
    uris: Mapping[str, str]

    @property
    def bodies(self) -> list[Person]:
        """The bodies that can be found; the others are `gone`."""
        return [p for p in self.plan.accounts if p.organisation_id and not self._is_gone(p.key)]

    @property
    def gone(self) -> list[Person]:
        """Deactivated and taken-down bodies."""
        return [p for p in self.plan.accounts if p.organisation_id and self._is_gone(p.key)]

    def followers(self, key: str) -> int:
        return sum(1 for who, whom in self.plan.follows if whom == key and not self._is_gone(who))

    def own(self, key: str) -> list[Known]:
        """What the body sent, newest first."""
        posts = [self._own_post(p) for p in self.plan.posts if p.by == key and self._exists(p)]
        reposts = [
            Known(f"repost:{self.uris[r.of]}", "repost", r.created_at, None)
            for r in self.plan.reposts
            if r.by == key
        ]
        return sorted(posts + reposts, key=lambda known: known.created_at, reverse=True)

    def incoming(self, key: str) -> list[Known]:
        """What citizens said in the body's threads and can be seen there, newest first."""
        found = [
            Known(self.uris[p.key], "incoming", p.created_at, self._parent(p), p.is_question)
            for p in self.plan.posts
            if p.by != key and p.root and self._post(p.root).by == key and self._is_reachable(p)
        ]
        return sorted(found, key=lambda known: known.created_at, reverse=True)

    def _own_post(self, post: Post) -> Known:
        kind = "original"
        if post.parent:
            kind = "continuation" if self._post(post.parent).by == post.by else "reply"
        plan = self.plan
        return Known(
            self.uris[post.key],
            kind,
            post.created_at,
            self._parent(post),
            reactions=sum(1 for _, liked in plan.likes if liked == post.key),
            comments=sum(1 for p in plan.posts if p.parent == post.key and self._exists(p)),
            shares=sum(1 for r in plan.reposts if r.of == post.key),
            quotes=sum(1 for p in plan.posts if p.quotes == post.key),
        )

    def _post(self, key: str) -> Post:
        return next(p for p in self.plan.posts if p.key == key)

    def _parent(self, post: Post) -> str | None:
        return self.uris[post.parent] if post.parent else None

    def _is_gone(self, key: str) -> bool:
        return key in self.plan.deactivated or key in self.plan.taken_down

    def _exists(self, post: Post) -> bool:
        return post.key not in self.plan.deleted_posts and not self._is_gone(post.by)

    def _line(self, post: Post) -> Iterator[Post]:
        while True:
            yield post
            if not post.parent:
                return
            post = self._post(post.parent)

    def _is_reachable(self, post: Post) -> bool:
        line = list(self._line(post))
        return all(self._exists(p) for p in line) and not any(
            {(child.by, parent.by), (parent.by, child.by)} & set(self.plan.blocks)
            for child, parent in pairwise(line)
        )


BODIES = (
    ("gent", "be-municipality-44021", "Stad Gent"),
    ("antwerpen", "be-municipality-11002", "Stad Antwerpen"),
    ("mechelen", "be-municipality-12025", "Stad Mechelen"),
    ("brugge", "be-municipality-31005", "Stad Brugge"),
    ("leuven", "be-municipality-24062", "Stad Leuven"),
    ("kortrijk", "be-municipality-34022", "Stad Kortrijk"),
    ("pzantwerpen", "be-police-zone-5345", "Politie Antwerpen"),
    ("utrecht", "nl-municipality-gm0344", "Gemeente Utrecht"),
    ("gesloten", "be-emergency-zone-1", "Hulpverleningszone 1"),
    ("verwijderd", "be-emergency-zone-antwerpen", "Brandweer Zone Antwerpen"),
)
CITIZENS = ("anke", "bilal", "celine", "dirk", "elif", "farah")


def benchmark(until: datetime) -> Plan:
    """Ten bodies, two of them gone, six citizens; every post is at most 25 days before `until`.

    `until` has whole milliseconds. Answers come after 1.5 h, 30 h, 200 h and, by a self-declared
    clock, 2 minutes before their question.
    """
    plan = Plan()
    plan.accounts = [
        Person(key, f"{key}.test", name, organisation) for key, organisation, name in BODIES
    ]
    plan.accounts += [Person(key, f"{key}.test", f"{key.title()} Burger") for key in CITIZENS]
    for number, (key, _, _) in enumerate(BODIES):
        plan.follows += [(citizen, key) for citizen in CITIZENS[: number % len(CITIZENS)]]
    _many_posts(plan, until)
    _answers(plan, until)
    _threads_of_every_shape(plan, until)
    _posts_of_bodies_that_are_gone(plan, until)
    return plan


def _many_posts(plan: Plan, until: datetime) -> None:
    """130 originals of one body: two pages, and an answer under the oldest of them."""
    start = until - 25 * DAY
    for number in range(130):
        plan.say(f"gent-{number}", "gent", start + number * 4 * HOUR, f"Bericht {number} #gent")
    plan.say(
        "gent-q",
        "anke",
        start + HOUR,
        "Hoe laat opent het loket?",
        parent="gent-0",
        is_question=True,
    )
    plan.say("gent-a", "gent", start + 2.5 * HOUR, "Om 9 uur.", parent="gent-q")
    plan.likes += [(citizen, "gent-0") for citizen in CITIZENS]
    plan.likes += [("anke", "gent-129"), ("bilal", "gent-129")]


def _answers(plan: Plan, until: datetime) -> None:
    """One post and one question for each of six bodies; four are answered."""
    delays = {
        "antwerpen": 1.5 * HOUR,
        "mechelen": 30 * HOUR,
        "brugge": 200 * HOUR,
        "leuven": -HOUR / 30,
        "kortrijk": None,
        "utrecht": None,
    }
    for number, (body, delay) in enumerate(delays.items()):
        at = until - 20 * DAY + number * HOUR
        plan.say(f"{body}-1", body, at, "Morgen is er markt.")
        citizen = CITIZENS[number]
        plan.say(
            f"{body}-q",
            citizen,
            at + 2 * HOUR,
            "Is er ook parking?",
            parent=f"{body}-1",
            is_question=True,
        )
        if delay is not None:
            plan.say(f"{body}-a", body, at + 2 * HOUR + delay, "Ja, gratis.", parent=f"{body}-q")
    plan.likes += [("dirk", "antwerpen-1"), ("elif", "antwerpen-1")]


def _threads_of_every_shape(plan: Plan, until: datetime) -> None:
    at = until - 12 * DAY
    say = plan.say
    say("pz-1", "pzantwerpen", at, "Ring afgesloten.")
    say("pz-2", "pzantwerpen", at + HOUR, "Update: weer open.", parent="pz-1")
    say("pz-c", "bilal", at + 2 * HOUR, "Dank u wel.", parent="pz-2")
    say("pz-q", "celine", at + 3 * HOUR, "Ook in Merksem?", parent="pz-c", is_question=True)
    say("pz-a", "pzantwerpen", at + 4 * HOUR, "Ook daar.", parent="pz-q")
    say("pz-d", "dirk", at + 5 * HOUR, "Onzin.", parent="pz-1")
    say("pz-e", "elif", at + 6 * HOUR, "Wat zei hij?", parent="pz-d", is_question=True)
    plan.deleted_posts.append("pz-d")  # takes what hangs under it out of sight
    say("pz-f", "farah", at + 7 * HOUR, "Hoort u mij?", parent="pz-1", is_question=True)
    plan.blocks.append(("farah", "pzantwerpen"))
    # a citizen's own thread, in which the zone takes part: its questions are not put to the zone
    say("street", "anke", at + 8 * HOUR, "Weer file in mijn straat")
    say("street-a", "pzantwerpen", at + 9 * HOUR, "Wij kijken ernaar.", parent="street")
    say("street-q", "anke", at + 10 * HOUR, "Wanneer dan?", parent="street-a", is_question=True)
    say("praise", "bilal", at + 11 * HOUR, "Zo doe je dat.", quotes="pz-1")
    plan.reposts.append(Repost("pzantwerpen", "praise", at + 12 * HOUR))
    plan.reposts.append(Repost("bilal", "pz-1", at + 13 * HOUR))
    plan.reposts.append(Repost("antwerpen", "pz-1", at + 14 * HOUR))


def _posts_of_bodies_that_are_gone(plan: Plan, until: datetime) -> None:
    for key, fate in (("gesloten", plan.deactivated), ("verwijderd", plan.taken_down)):
        plan.say(f"{key}-1", key, until - 9 * DAY, "Wij zijn er nog.")
        fate.append(key)
