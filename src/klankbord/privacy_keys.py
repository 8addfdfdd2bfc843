"""Who a citizen is to us: chained pseudonyms, who was erased, and since when authors are kept.

The key of a pseudonym can be rotated. The new pseudonym is computed from the old one, so stored
rows can be re-keyed and new rows come out the same (docs/decisions.md):

    p1 = HMAC(key 1, "platform:person id")    p2 = HMAC(key 2, p1)    p3 = HMAC(key 3, p2) ...

Which keys are in force stands in the database (raw.privacy_actions), in the transaction that
re-keyed the rows; the keys themselves are files of the secrets' folder.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg2.extensions import cursor as Cursor  # noqa: N812

from klankbord import secrets, settings
from klankbord.database import Access
from klankbord.errors import DatabaseError, SettingsError

#: stands where a person or one of their messages was named; the same word for everybody
NOBODY = "nobody"
#: actions after which what an extraction has in its hands may no longer be stored
_CHANGES = ("erasure", "rotation", "withdrawal")


class PrivacyChangedError(DatabaseError):
    """While an extraction ran, somebody was erased, a consent withdrawn or the key rotated.

    A DatabaseError, because trying again is right: what was complete is stored.
    """


def _hmac(key: str, message: str) -> str:
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()[:32]


def renamed(key: str, name: str) -> str:
    """What a pseudonym becomes under the next key."""
    return _hmac(key, name)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one moment and what they are needed for. Never printed."""

    keys: tuple[str, ...] = field(repr=False)
    erasure_key: str = field(default="", repr=False)
    erased: frozenset[str] = field(default=frozenset(), repr=False)  # digests, see `digest`
    authors_since: datetime | None = None  # older messages of citizens are not stored any more
    version: int = 0

    def pseudonyms(self, platform: str, person_id: str) -> tuple[str, ...]:
        """What the person was called under each key; the last one holds now."""
        names = [_hmac(self.keys[0], f"{platform}:{person_id}")]
        for key in self.keys[1:]:
            names.append(renamed(key, names[-1]))
        return tuple(names)

    def pseudonym(self, platform: str, person_id: str) -> str:
        """32 hex digits for a person on a platform. Without the keys nobody can be tried."""
        return self.pseudonyms(platform, person_id)[-1]

    def digest(self, platform: str, platform_id: str) -> str:
        """What the list of the erased holds of a person or message. Its key is never rotated: an
        erasure holds for ever, and nothing else is stored under it."""
        return _hmac(self.erasure_key, f"{platform}:{platform_id}")

    def is_erased(self, platform: str, platform_id: str) -> bool:
        """Whether the person, or the message, was erased before."""
        return bool(self.erased) and self.digest(platform, platform_id) in self.erased


def key_name(generation: int) -> str:
    """The file of a key: pseudonym_key, pseudonym_key_2, ..."""
    return "pseudonym_key" if generation == 1 else f"pseudonym_key_{generation}"


def generation(cursor: Cursor) -> int:
    """How many keys are chained now."""
    cursor.execute("select coalesce(max(key_generation), 1) from raw.privacy_actions")
    return cursor.fetchone()[0]


def keys(last: int) -> tuple[str, ...]:
    """The keys 1 to `last`. One that is missing is an error: a new one would make everybody
    somebody else, without a word."""
    for number in range(2, last + 1):
        if not (secrets.folder() / key_name(number)).exists():
            raise SettingsError(
                f"The database was re-keyed {last - 1} time(s), and {key_name(number)} is not in "
                f"{secrets.folder()}: restore it from the backup of that folder."
            )
    return tuple(secrets.secret(key_name(number)) for number in range(1, last + 1))


def load_for(access: Access, platform: str) -> Keyring:
    """`load` over a connection of its own: to be called before anything is asked of the register,
    so that a consent withdrawn since then is noticed too."""
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        return load(cursor, platform)


def load(cursor: Cursor, platform: str) -> Keyring:
    """The keyring for an extraction from a platform; `hold` says later whether it still holds."""
    version = _version(cursor, platform)
    cursor.execute("select digest from raw.erased where platform = %s", [platform])
    erased = frozenset(digest for (digest,) in cursor.fetchall())
    since = settings.now() - timedelta(days=settings.days("KLANKBORD_RETENTION_AUTHOR_DAYS"))
    return Keyring(keys(generation(cursor)), secrets.secret("erasure_key"), erased, since, version)


def hold(cursor: Cursor, platform: str, keyring: "Keyring | str") -> None:
    """To be called in the transaction that stores: until it ends nobody is erased and no key
    rotated, and if that happened since the keyring was loaded, nothing may be stored."""
    if isinstance(keyring, str):  # a bare key: nothing can have changed
        return
    cursor.execute("select pg_advisory_xact_lock_shared(hashtext('klankbord privacy'))")
    if _version(cursor, platform) != keyring.version:
        raise PrivacyChangedError(
            f"While {platform} was read, somebody was erased, a consent withdrawn or the key "
            "rotated: what was complete is stored; run the same again."
        )


def alone(cursor: Cursor) -> None:
    """To be called in the transaction that erases, withdraws or rotates: waits for those that
    store, and holds up others until it ends."""
    cursor.execute("select pg_advisory_xact_lock(hashtext('klankbord privacy'))")


def _version(cursor: Cursor, platform: str) -> int:
    cursor.execute(
        "select coalesce(max(action_id), 0) from raw.privacy_actions"
        " where kind = any(%s) and (platform is null or platform = %s)",
        [list(_CHANGES), platform],
    )
    return cursor.fetchone()[0]
