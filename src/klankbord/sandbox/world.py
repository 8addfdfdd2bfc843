"""The sandbox's world: real bodies of the register, invented accounts, citizens, conversations.

Everything follows from the register and a seed, and nothing is stored (klankbord.sandbox.months).
Methods may be called from several threads. Moments are aware; intervals are half-open.
"""

import math
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from klankbord.register import AccountRow, Register, is_valid
from klankbord.sandbox import calibration as cal
from klankbord.sandbox import incidents
from klankbord.sandbox.chances import chances
from klankbord.sandbox.insights import of_day, of_post
from klankbord.sandbox.model import Counters, Message, WorldAccount
from klankbord.sandbox.months import Months
from klankbord.sandbox.population import Traits, access_tier, populate, valid_from
from klankbord.sandbox.threads import Month, created_at, month_of, slot_of
from klankbord.sandbox.youtube_objects import channel_id, subscribers_shown
from klankbord.settings import LOCAL_ZONE

HALF_LIFE_HOURS = 14.0  # of a counter's growth
_NO_COUNTERS = (0.0, 0.0, 0.0, 0.0)


class World:
    """The world of a register and a seed. `only`: the organisations whose accounts exist.
    `incident_share`, `incident_hard`: see klankbord.sandbox.incidents."""

    def __init__(
        self,
        register: Register,
        seed: int = 2016,
        *,
        only: Collection[str] | None = None,
        incident_share: float = incidents.SHARE,
        incident_hard: float = 0.0,
    ) -> None:
        self.register = register
        self.seed = seed
        chosen = [
            (account, traits)
            for account, traits in self.population()
            if only is None or account.organisation_id in only
        ]
        self.accounts: list[WorldAccount] = [account for account, _ in chosen]
        self._traits: dict[str, Traits] = {a.account_id: traits for a, traits in chosen}
        self._by_id = {a.account_id: a for a in self.accounts}
        self._by_slot = {traits.slot: account for account, traits in chosen}
        self._by_name: dict[tuple[str, str | int], WorldAccount] = {}
        for account in self.accounts:
            names = {account.handle.lower(), account.user_id, str(account.user_id)}
            if account.platform == "mastodon":  # on its own server an account needs no server
                names.add(account.handle.partition("@")[0].lower())
            self._by_name |= {(account.platform, name): account for name in names}
        languages = {name: traits.language for name, traits in self._traits.items()}
        awake = [a for a in self.accounts if not self.traits(a).is_dormant]
        self.incidents = incidents.Incidents(
            register, seed, awake, languages, incident_share, incident_hard
        )
        self.month = Months(seed, self._by_id, self._traits, self.incidents).month

    def population(self) -> Iterator[tuple[WorldAccount, Traits]]:
        """Every account there could be, and how it lives; a world of its own kind has its own."""
        return populate(self.register, self.seed)

    def account(self, account_id: str) -> WorldAccount:
        """An account; KeyError when there is none."""
        return self._by_id[account_id]

    def traits(self, account: WorldAccount) -> Traits:
        """How an account lives."""
        return self._traits[account.account_id]

    def find(self, platform: str, handle_or_user_id: str | int) -> WorldAccount | None:
        """An account by handle (in any case) or by platform id."""
        name = handle_or_user_id
        return self._by_name.get((platform, name.lower() if isinstance(name, str) else name))

    def account_of(self, message_id: int) -> WorldAccount | None:
        """The account in whose threads a message of this id would stand."""
        return self._by_slot.get(slot_of(message_id))

    def followers(self, account: WorldAccount, moment: datetime) -> int:
        """Followers on the local day of `moment`."""
        traits = self.traits(account)
        if traits.is_steady:
            return self._shown(account, account.followers_start)
        day = moment.astimezone(LOCAL_ZONE).date()
        years = (day - cal.FOLLOWERS_FROM).days / 365.25
        chance, *_ = chances(self.seed, account.account_id, day.toordinal())
        wobble = cal.DAILY_WOBBLE * (2 * chance - 1)
        count = round(account.followers_start * (1 + traits.growth) ** years * (1 + wobble))
        return self._shown(account, max(0, count))

    @staticmethod
    def _shown(account: WorldAccount, followers: int) -> int:
        """What the platform tells of a count of followers: YouTube tells three digits of it."""
        return subscribers_shown(followers) if account.platform == "youtube" else followers

    def own(
        self, account: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        """The account's own messages created in [since, until), newest first; those that stand
        there at the moment `at`, which is `until` by default."""
        return [m for m in self._between(account, since, until, at) if m.author is None]

    def incoming(
        self, account: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        """Citizens' messages to the account created in [since, until), newest first; like `own`."""
        return [m for m in self._between(account, since, until, at) if m.author is not None]

    def message(self, account: WorldAccount, message_id: int) -> Message | None:
        """A message of one of the account's threads, whenever it was said."""
        month = self._month_with(account, message_id)
        return month.by_id[message_id] if month else None

    def thread(self, account: WorldAccount, root_id: int, until: datetime) -> list[Message]:
        """All messages of the thread that begins with `root_id`, it among them, oldest first."""
        month = self._month_with(account, root_id)
        found = month.threads.get(root_id, []) if month else []
        return [m for m in found if month and month.exists(m, until)]

    def answers(self, account: WorldAccount, message_id: int, until: datetime) -> list[Message]:
        """The direct answers to a message, citizens' and own, oldest first."""
        month = self._month_with(account, message_id)
        found = month.children.get(message_id, []) if month else []
        return [m for m in found if month and month.exists(m, until)]

    def counters(self, account: WorldAccount, message: Message, moment: datetime) -> Counters:
        """Public counters of an own message: whole numbers that grow with age and level off.
        X and Bluesky have quotes, X and YouTube have views; elsewhere they are 0. YouTube and
        Instagram count the replies to comments among the comments."""
        hours = max(0.0, (moment - message.created_at).total_seconds() / 3600)
        grown = 1 - math.exp(-hours / HALF_LIFE_HOURS)
        habits, traits = cal.HABITS[account.platform], self.traits(account)
        a, b, c, d = (
            chances(self.seed, "counters", message.message_id)
            if traits.reaction_rate and message.kind == "original"
            else _NO_COUNTERS
        )
        # -ln(1 - chance) is exponential with mean 1: most posts stay quiet, a few do well
        reactions = account.followers_start * traits.reaction_rate * -math.log1p(-a)
        views = account.followers_start * habits.views_of_followers * (0.2 - math.log1p(-d))
        return Counters(
            reactions=int(grown * reactions + a * bool(hours)),
            comments=len(self.thread(account, message.message_id, moment)[1:])
            if account.platform in ("youtube", "instagram", "threads")
            else len(self.answers(account, message.message_id, moment)),
            shares=int(grown * reactions * habits.shares_of_reactions * 2 * b),
            quotes=int(grown * reactions * habits.quotes_of_reactions * 2 * c),
            views=int(grown * views),
        )

    def liked_at(self, account: WorldAccount, message: Message) -> datetime | None:
        """When the account itself liked a citizen's message; None: it never does."""
        if message.is_own or self.traits(account).is_dormant:
            return None
        # drawn under a name of its own: no other chance of the world moves
        chance, after, *_ = chances(self.seed, "liked by the account", message.message_id)
        if chance >= cal.LIKED_SHARE[self.traits(account).is_interactive]:
            return None
        return message.created_at + timedelta(hours=after * after * cal.LIKED_WITHIN_HOURS)

    def insight(
        self, account: WorldAccount, message: Message | None, name: str, at: date | datetime
    ) -> int:
        """What the owner is told: a figure of the account's day `at`, or of a post up to the moment
        `at`, by its canonical name (klankbord.sandbox.insights)."""
        if message is None:
            return of_day(self, account, name, at)
        assert isinstance(at, datetime), "a post's figure is of a moment"
        return of_post(self, account, message, name, at)

    def account_rows(self) -> list[AccountRow]:
        """The accounts as rows of the register. Bluesky's ids are the server's to form: None."""
        bodies = {
            o.organisation_id: o
            for o in self.register.organisations
            if is_valid(o, cal.INHABITANTS_ON)
        }
        return [
            AccountRow(
                account_id=a.account_id,
                organisation_id=a.organisation_id,
                platform=a.platform,
                handle=a.handle,
                platform_user_id=_platform_id(a),
                role="official",
                access_tier=access_tier(self.seed, a),
                valid_from=valid_from(bodies[a.organisation_id], cal.FOLLOWERS_FROM),
                valid_to=None,
                is_synthetic=True,
                basis="synthetic",
                source=f"sandbox world, seed {self.seed}",
            )
            for a in self.accounts
        ]

    def _between(
        self, account: WorldAccount, since: datetime, until: datetime, at: datetime | None = None
    ) -> list[Message]:
        found = []
        # a thread ends within 14 days, so the month before is enough
        for number in range(month_of(since - timedelta(days=14)), month_of(until) + 1):
            month = self.month(account.account_id, number)
            found += [
                m
                for m in month.messages
                if since <= m.created_at
                and (at is None or m.created_at < until)
                and month.exists(m, at or until)
            ]
        found.sort(key=lambda m: m.message_id, reverse=True)
        return found

    def _month_with(self, account: WorldAccount, message_id: int) -> Month | None:
        if message_id < 0 or slot_of(message_id) != self.traits(account).slot:
            return None
        last = month_of(created_at(message_id))
        for number in (last, last - 1):
            month = self.month(account.account_id, number)
            if message_id in month.by_id:
                return month
        return None


def _platform_id(account: WorldAccount) -> str | None:
    """The id in the platform's form; None where only the server can know it."""
    if account.platform == "youtube":
        return channel_id(account.user_id)
    return None if account.platform == "bluesky" else str(account.user_id)
