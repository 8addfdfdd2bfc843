"""What was seeded on the servers, as the klankbord.sandbox.world.World that Truth asks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from klankbord.register import AccountRow
from klankbord.sandbox.model import Counters, Message, Person, WorldAccount
from tests.real import bluesky_plan, mastodon_network
from tests.real.whole_job_plan import LATER, SCAN_ON, UNTIL, VALID_FROM, archived

SOMEBODY = Person(0, "", "", "")
Seeded = bluesky_plan.Seeded | mastodon_network.Seeded
Known = bluesky_plan.Known | mastodon_network.Known


@dataclass
class SeededWorld:
    """Bodies, followers and messages of several servers. Ids of messages are the servers' own.

    seeds: by platform. archive: followers by account_id and day.
    """

    seeds: Mapping[str, Seeded]
    accounts: list[WorldAccount] = field(default_factory=list)
    archive: dict[tuple[str, date], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for platform, seeded in self.seeds.items():
            everybody = (p for p in seeded.plan.accounts if p.organisation_id)
            for number, body in enumerate(everybody):
                name = account_id(body.organisation_id, platform)
                self.accounts.append(
                    WorldAccount(
                        name, body.organisation_id, platform, body.handle, number, body.key, 0
                    )
                )
                self.archive |= {(name, day): n for day, n in archived(number).items()}

    @property
    def gone(self) -> set[tuple[str, date]]:
        """(account_id, day of the scan) of the bodies that the server no longer shows."""
        lost = self.seeds["bluesky"].gone
        return {(account_id(body.organisation_id, "bluesky"), SCAN_ON) for body in lost}

    def account_rows(self) -> list[AccountRow]:
        """The bodies' accounts as they declare them."""
        return [
            AccountRow(
                account_id=a.account_id,
                organisation_id=a.organisation_id,
                platform=a.platform,
                handle=a.handle,
                platform_user_id=None,
                role="official",
                access_tier="T2",
                valid_from=LATER.get(a.name, VALID_FROM),
                valid_to=None,
                is_synthetic=False,
                basis="declared",
                source="seeded by the test",
            )
            for a in self.accounts
        ]

    def account(self, account_id: str) -> WorldAccount:
        return next(a for a in self.accounts if a.account_id == account_id)

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        """At the moment of the scan those that follow, on an earlier day the archive's count."""
        if moment == UNTIL:
            return self.seeds[account.platform].followers(account.name)
        return self.archive[account.account_id, moment.date()]

    def own(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        known = self.seeds[account.platform].own(account.name)
        return [_message(account, k) for k in known if since <= k.created_at < until]

    def incoming(self, account: WorldAccount, since: datetime, until: datetime) -> list[Message]:
        known = self.seeds[account.platform].incoming(account.name)
        return [_message(account, k) for k in known if since <= k.created_at < until]

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        """The servers' counters: they are read once, so `moment` has no say."""
        known = self.seeds[account.platform].own(account.name)
        found = next(k for k in known if k.item_id == message.message_id)
        return Counters(found.reactions, found.comments, found.shares, found.quotes, 0)


def account_id(organisation_id: str | None, platform: str) -> str:
    return f"{organisation_id}-{platform}"


def _message(account: WorldAccount, known: Known) -> Message:
    return Message(
        message_id=known.item_id,
        account_id=account.account_id,
        author=SOMEBODY if known.kind == "incoming" else None,
        kind=known.kind,
        created_at=known.created_at,
        text="",
        parent_id=known.parent_id,
        root_id=known.item_id,  # nobody asks
        is_question=known.is_question,
    )
