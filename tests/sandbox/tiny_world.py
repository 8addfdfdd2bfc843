"""A world of a few literal messages, with the interface that the truth reads."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from klankbord.platforms.base import Window
from klankbord.register import AccountRow, Membership, Organisation, Population, Register
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from klankbord.settings import LOCAL_ZONE

CITIZEN = Person(7, "Fenna Kwandelzuyck", "kwandel0000007", "https://avatars.example/7.jpg")


def at(text: str) -> datetime:
    """at("09-14 10:00") in 2026, UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def scan(text: str) -> tuple[datetime, Window]:
    """A scan at a moment with its window."""
    return at(text), Window.ending(at(text))


def body(
    name: str,
    *,
    kind: str = "municipality",
    country: str = "BE",
    province: str | None = "40000",
    valid_from: date = date(2019, 1, 1),
    valid_to: date | None = None,
) -> Organisation:
    """An organisation of Flanders (or of the Netherlands)."""
    region = "02000" if country == "BE" else "NL"
    return Organisation(
        name, country, kind, None, name, None, None, province, region, None, None, None,
        None, None, valid_from, valid_to, "source", "test",
    )  # fmt: skip


def people(name: str, inhabitants: int, on: date = date(2020, 1, 1)) -> Population:
    """Inhabitants of a body on a date."""
    return Population(name, on, inhabitants, "source", "test")


def member(zone: str, name: str, valid_to: date | None = None) -> Membership:
    """A municipality of a zone."""
    return Membership(zone, name, date(2019, 1, 1), valid_to, "source", "test")


def row(
    name: str,
    platform: str = "x",
    *,
    role: str = "official",
    valid_from: date = date(2020, 1, 1),
    valid_to: date | None = None,
) -> AccountRow:
    """An account of the register."""
    return AccountRow(
        f"{name}-{platform}", name, platform, name, None, role, "T2", valid_from, valid_to,
        True, "synthetic", "test",
    )  # fmt: skip


def town_register(rows: list[AccountRow], *names: str, inhabitants: int = 20_000) -> Register:
    """Municipalities with as many inhabitants each."""
    return Register(
        [body(name) for name in names], [], [people(name, inhabitants) for name in names], rows
    )


@dataclass
class TinyWorld:
    """`say` puts a message in; counters and followers are what the test writes down."""

    rows: list[AccountRow]
    said: list[Message] = field(default_factory=list)
    counted: dict[tuple[int, date], Counters] = field(default_factory=dict)
    follower_counts: dict[tuple[str, date], int] = field(default_factory=dict)

    def say(
        self,
        account_id: str,
        kind: str,
        moment: str,
        parent: Message | None = None,
        *,
        asks: bool = False,
    ) -> Message:
        """kind as in Message; `asks` makes it a question."""
        number = len(self.said) + 1
        author = CITIZEN if kind == "incoming" else None
        root = parent.root_id if parent else number
        message = Message(
            number, account_id, author, kind, at(moment), "text",
            parent.message_id if parent else None, root, asks,
        )  # fmt: skip
        self.said.append(message)
        return message

    def account(self, account_id: str) -> WorldAccount:
        row = next(r for r in self.rows if r.account_id == account_id)
        return WorldAccount(account_id, row.organisation_id, row.platform, "", 1, "", 0)

    def account_rows(self) -> list[AccountRow]:
        return self.rows

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        day = moment.astimezone(LOCAL_ZONE).date()
        return self.follower_counts.get((account.account_id, day), 1_000)

    def own(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        return self._said(account, since, until, True)

    def incoming(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        return self._said(account, since, until, False)

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        none = Counters(0, 0, 0, 0, 0)
        return self.counted.get((message.message_id, moment.date()), none)

    def _said(
        self, account: WorldAccount, since: datetime, until: datetime, is_own: bool
    ) -> list[Message]:
        return [
            m
            for m in self.said
            if m.account_id == account.account_id
            and m.is_own == is_own
            and since <= m.created_at < until
        ]
