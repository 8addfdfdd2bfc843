"""Who is in the world: the accounts of the register's bodies, their habits, and the citizens."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from klankbord.register import Organisation, Register, is_valid
from klankbord.register.vocabulary import AccessTier
from klankbord.sandbox import calibration as cal
from klankbord.sandbox import presence, texts
from klankbord.sandbox.model import Person, WorldAccount

SLOTS = 1 << 17  # places for accounts; a place is part of the ids of an account's messages
CITIZENS = 40  # known to one account
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ASCII = str.maketrans("àâäáçéèêëîïíôöóûüúÿñ", "aaaaceeeeiiiooouuuyn")


@dataclass(frozen=True, slots=True)
class Traits:
    """How one account lives. Counts are means a month; growth is a share a year."""

    slot: int
    language: str
    posts: float
    incoming: float
    is_interactive: bool
    is_dormant: bool
    answer_share: float
    median_hours: float
    growth: float
    is_steady: bool
    reaction_rate: float


def size_class(country: str, inhabitants: int) -> int:
    """0, 1 or 2: the place in the country's scheme of size classes."""
    return sum(inhabitants >= bound for bound in presence.SIZE_BOUNDS[country])


def populate(register: Register, seed: int) -> Iterator[tuple[WorldAccount, Traits]]:
    """Every account of the world, in the order of organisation_id and platform.

    What an account is depends on the seed, its body and nothing else (a body that is added later
    leaves the others as they are), except that two accounts never share a slot.
    """
    taken: set[int] = set()
    for organisation in sorted(register.organisations, key=lambda o: o.organisation_id):
        if not is_valid(organisation, cal.INHABITANTS_ON):
            continue
        counted = register.inhabitants(organisation.organisation_id, cal.INHABITANTS_ON)
        inhabitants = counted or cal.DEFAULT_INHABITANTS
        size = size_class(organisation.country, inhabitants)
        for platform in cal.PLATFORMS:
            rng = random.Random(f"{seed}|account|{organisation.organisation_id}|{platform}")
            if rng.random() >= _presence(organisation, platform, size):
                continue
            slot = rng.randrange(SLOTS)
            while slot in taken:
                slot = (slot + 1) % SLOTS
            taken.add(slot)
            yield _account(rng, organisation, platform, inhabitants, size, slot)


def _presence(organisation: Organisation, platform: str, size: int) -> float:
    kind = organisation.organisation_type
    for region in (organisation.region_code or "", ""):
        shares = presence.PRESENCE.get((organisation.country, kind, region))
        if shares:
            return shares[platform][size]
    return presence.PRESENCE_OF_TYPE[kind][platform]


def _account(
    rng: random.Random,
    organisation: Organisation,
    platform: str,
    inhabitants: int,
    size: int,
    slot: int,
) -> tuple[WorldAccount, Traits]:
    habits = cal.HABITS[platform]
    kind = organisation.organisation_type
    language = _language(organisation)
    local_name = getattr(organisation, f"name_{language}") or organisation.name_nl
    name = texts.display_name(language, kind, local_name or organisation.organisation_id)
    ratio = cal.FOLLOWERS_RATIO[platform] * cal.FOLLOWERS_OF_TYPE.get(kind, 1.0)
    size_effect = (inhabitants / 21_000) ** (cal.SIZE_ELASTICITY - 1)
    followers = inhabitants * ratio * size_effect * _spread(rng, cal.FOLLOWERS_SPREAD)
    small = platform in ("mastodon", "bluesky")
    if small and rng.random() < cal.FOLLOWERLESS_SHARE:
        followers = 0.0
    low, high = cal.POSTS_RANGE
    is_steady = followers < 1 or rng.random() < cal.STEADY_SHARE
    traits = Traits(
        slot=slot,
        language=language,
        posts=min(high, max(low, habits.posts * _spread(rng, cal.POSTS_SPREAD))),
        incoming=habits.incoming
        * min(12.0, (inhabitants / 20_000) ** cal.INCOMING_ELASTICITY)
        * _spread(rng, 0.4),
        is_interactive=rng.random() < cal.INTERACTIVE[platform][size],
        is_dormant=rng.random() < cal.DORMANT_SHARE,
        answer_share=rng.uniform(*cal.ANSWER_SHARE),
        median_hours=cal.RESPONSE_MEDIAN_HOURS[platform] * _spread(rng, 0.5),
        growth=0.0 if is_steady else rng.uniform(*cal.YEARLY_GROWTH),
        is_steady=is_steady,
        reaction_rate=0.0
        if rng.random() < cal.UNLOVED_SHARE
        else habits.reaction_rate * _spread(rng, 0.5),
    )
    organisation_id = organisation.organisation_id
    account = WorldAccount(
        account_id=f"{organisation_id}-{platform}",
        organisation_id=organisation_id,
        platform=platform,
        handle=_handle(platform, local_name or organisation_id, slot),
        user_id=1_000_000_000_000_000 + slot,
        name=name,
        followers_start=round(followers),
    )
    return account, traits


def _spread(rng: random.Random, sigma: float) -> float:
    """A log-normal factor with mean 1."""
    return math.exp(rng.gauss(-sigma * sigma / 2, sigma))


def _language(organisation: Organisation) -> str:
    if organisation.region_code != "03000":
        return "nl"
    return "de" if organisation.official_code in cal.GERMAN_SPEAKING else "fr"


def _handle(platform: str, name: str, slot: int) -> str:
    """A handle that the platform allows and nobody has: the slot stands at its end."""
    letters = "".join(c for c in name.lower().translate(_ASCII) if c.isascii() and c.isalnum())
    place = "".join(_DIGITS[slot // 36**i % 36] for i in (3, 2, 1, 0))
    stem = letters[:10] or "bestuur"
    return {
        "facebook": f"{stem}.{place}",
        "x": f"{stem}_{place}",
        "mastodon": f"{stem}_{place}@overheid.example",
        "bluesky": f"{stem}-{place}.klankbord.test",
        "linkedin": f"{stem}-{place}",
        "website": f"https://www.{stem}-{place}.example/feed",
    }.get(platform, f"{stem}_{place}")


def access_tier(seed: int, account: WorldAccount) -> AccessTier:
    """What of an account may be read: T3 with its owner's insights, T1 only what is public."""
    chance = random.Random(f"{seed}|tier|{account.account_id}").random()
    owners = cal.OWNER_SHARE.get(account.platform, 0.0)
    if chance < owners:
        return "T3"
    return "T1" if chance < owners + cal.PUBLIC_ONLY_SHARE.get(account.platform, 0.0) else "T2"


def citizen(seed: int, account: WorldAccount, traits: Traits, place: int) -> Person:
    """The citizen at `place` (0 to CITIZENS - 1) of those whom an account meets.

    The handle has at most 15 signs, of which 7 digits that nobody else in the world has; Mastodon's
    ends with a server, Bluesky's is a domain.
    """
    number = traits.slot * 64 + place
    rng = random.Random(f"{seed}|citizen|{number}")
    first, surname = texts.person_name(rng, traits.language)
    local = f"{surname[:7].lower()}{number:07d}"
    handle = {
        "mastodon": f"{local}@burgers.example",
        "bluesky": f"{local}.klankbord.test",
    }.get(account.platform, local)
    return Person(
        user_id=4_000_000_000_000_000 + number,
        name=f"{first} {surname}",
        handle=handle,
        avatar_url=f"https://avatars.example/{local}.jpg",
    )


def valid_from(organisation: Organisation, since: date) -> date:
    """From when a body's account counts: `since`, or the body's own beginning when it is later."""
    return max(since, organisation.valid_from or since)
