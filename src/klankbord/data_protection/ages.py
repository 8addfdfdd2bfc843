"""How long each kind of data is kept, in words, from the settings' defaults."""

from typing import Literal, get_args

from klankbord import settings

Age = Literal[
    "figures", "account", "consent", "text", "author", "message", "outcome", "quarantine", "always"
]


def words(age: Age) -> str:
    """The age as a reader of the page needs it."""

    def days(name: str) -> str:
        setting = f"KLANKBORD_RETENTION_{name}_DAYS"
        return f"{settings.NAMES[setting][0]} days (`{setting}`)"

    said: dict[Age, str] = {
        "figures": "as long as figures of its month are published: they are computed from it anew",
        "account": "as long as the register's history is kept",
        "consent": "until the consent is withdrawn, then gone at once",
        "text": f"{days('TEXT')} after it was read",
        "author": f"{days('AUTHOR')} after it was last read, then gone",
        "message": f"{days('MESSAGE')} after it was last read, then a random id; an id that holds a"
        f" pseudonym {days('AUTHOR')}",
        "outcome": days("OUTCOME"),
        "quarantine": days("QUARANTINE"),
        "always": "always: it shows what was done, or keeps an erasure effective",
    }
    return said[age]


AGES: tuple[Age, ...] = get_args(Age)
