"""What there is to find of the citizens of a sandbox's world."""

from collections.abc import Iterator
from datetime import datetime

from klankbord.sandbox.model import Person
from klankbord.sandbox.world import World


def citizen_traces(world: World, since: datetime, until: datetime) -> Iterator[str]:
    """Every name, handle (whole, and without its server), avatar and text of a citizen who plays a
    part in [since, until): as author, addressed or reposted. Each once an account."""
    for account in world.accounts:
        traces: dict[str, None] = {}
        for message in (
            *world.own(account, since, until),
            *world.incoming(account, since, until),
        ):
            is_foreign = message.reposted_id is None  # else by a body, and public
            reposted = message.reposted_author if is_foreign else None
            people = (message.author, reposted, *message.mentions)
            for person in filter(None, people):
                traces |= dict.fromkeys(_traces(person))
            if message.author is not None:
                traces[message.text] = None
            if message.reposted_text and is_foreign:
                traces[message.reposted_text] = None
        yield from traces


def _traces(person: Person) -> tuple[str, ...]:
    local = person.handle.partition("@")[0].partition(".")[0]
    return person.name, person.handle, local, person.avatar_url
