"""What may be given to `klankbord erase`: ids as the platform writes them, never a handle."""

import re
from collections.abc import Sequence
from pathlib import Path

from klankbord.errors import KlankbordError
from klankbord.platforms.base import connector

#: platform -> (form of a person's id, the form in words). A handle is no id: it would be hashed and
#: found nowhere, and the person would believe to be erased.
_IDS: dict[str, tuple[str, str]] = {
    "bluesky": (r"did:(plc|web):[A-Za-z0-9._:%-]+", "the DID (did:plc:...)"),
    "facebook": (r"[0-9]+", "the numeric id"),
    "instagram": (r"[0-9]+", "the numeric id"),
    "mastodon": (r"[0-9]+|[0-9A-Z]{26}|[0-9A-Za-z]{18,24}", "the account's id on that server"),
    "threads": (r"[0-9]+", "the numeric id"),
    "x": (r"[0-9]{1,19}", "the numeric id"),
    "youtube": (r"UC[A-Za-z0-9_-]{22}", "the channel's id (UC and 22 signs)"),
}
_ANY_ID = (r"[!-~]{1,200}", "the platform's own id, without blanks")


class ErasureError(KlankbordError):
    """What was given is no id of a person on that platform."""


def read_ids(file: Path) -> list[str]:
    """One id a line; blank lines are skipped. Errors name the line, never what stands on it."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ErasureError(
            f"{file} cannot be read ({type(error).__name__}): give a text file in UTF-8 with one "
            "id a line."
        ) from error
    return [line.strip() for line in text.splitlines() if line.strip()]


def check_ids(platform: str, ids: Sequence[str]) -> None:
    """Raise ErasureError for the first that cannot be an id; it is not quoted."""
    connector(platform)
    form, words = _IDS.get(platform, _ANY_ID)
    if not ids:
        raise ErasureError("There is no id to erase: give one, or a file with one a line.")
    for number, one in enumerate(ids, 1):
        if not re.fullmatch(form, one, re.ASCII):
            raise ErasureError(
                f"Id {number} of {len(ids)} is no person's id on {platform}: give {words}, not a "
                "name or a handle. Nothing was erased."
            )
