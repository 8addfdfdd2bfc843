"""The Dutch government almanac (register van overheidsorganisaties): its daily XML, its accounts.

`organisatie` elements carry their accounts in contact/socialMedia/socialmedium, each with platform,
gebruikersnaam and url; TOOI's address in an attribute says which body it is. Elements of functions
and people lie deeper and are not read.
"""

import contextlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree import ElementTree

import httpx

from klankbord import settings
from klankbord.errors import KlankbordError
from klankbord.http import Client
from klankbord.register.proposal_handles import account_of, handle_of
from klankbord.register.rows import Organisation, is_valid
from klankbord.verdicts import Kind, ServerError, Verdict

#: the almanac's names of platforms, in small letters
NAMES = {
    "facebook": "facebook",
    "instagram": "instagram",
    "twitter": "x",
    "x": "x",
    "x (twitter)": "x",
    "youtube": "youtube",
    "linkedin": "linkedin",
    "tiktok": "tiktok",
    "threads": "threads",
    "mastodon": "mastodon",
    "bluesky": "bluesky",
    "snapchat": "snapchat",
    "whatsapp": "whatsapp_channel",
}
#: TOOI's kinds of bodies whose code the register has as official_code
_TOOI_KINDS = {"gemeente": "municipality", "provincie": "province"}


class AlmanacError(KlankbordError):
    """XML that is not the almanac's."""


@dataclass(frozen=True, slots=True)
class Body:
    """One organisation of the almanac with the accounts that it names: (platform, name, url)."""

    system_id: str
    tooi: str
    name: str
    accounts: tuple[tuple[str, str, str], ...]

    @property
    def evidence(self) -> str:
        """Where a person can see it."""
        return f"https://organisaties.overheid.nl/{self.system_id}/"


class _XmlClient(Client):
    """A client whose answer is complete when it can be read to its end."""

    bodies: list[Body]
    today: date

    def _read(self, response: httpx.Response, where: str) -> Any:
        if self._classify(response).kind is not Kind.OK:
            return super()._read(response, where)
        try:
            self.bodies = list(parse(io.BytesIO(response.content), self.today))
        except AlmanacError as error:
            raise ServerError(f"{where}: {error}", "malformed_answer") from error
        return None


def ask(today: date) -> list[Body]:
    """Every body of the almanac at KLANKBORD_ALMANAC_URL (some 40 MB)."""
    client = _XmlClient(settings.get("KLANKBORD_ALMANAC_URL"), classify, timeout=120)
    client.today = today
    try:
        client.get_response("")
    finally:
        client.close()
    return client.bodies


def classify(response: httpx.Response) -> Verdict:
    """What an answer of the almanac's web server means."""
    if response.status_code == 200:
        return Verdict(Kind.OK)
    if response.status_code >= 500 or response.status_code == 429:
        return Verdict(Kind.RETRY, detail="the almanac is not well")
    if response.status_code in (301, 302, 307, 308):
        return Verdict(Kind.GONE, detail="it moved: correct KLANKBORD_ALMANAC_URL")
    return Verdict(Kind.GONE, detail="no almanac there: see KLANKBORD_ALMANAC_URL")


def read(path: Path, today: date) -> list[Body]:
    """Every body of a saved export."""
    try:
        with path.open("rb") as stream:
            return list(parse(stream, today))
    except OSError as error:
        raise AlmanacError(f"{path.name}: it cannot be read ({type(error).__name__}).") from error
    except AlmanacError as error:
        raise AlmanacError(f"{path.name}: {error}") from error


def parse(stream: BinaryIO, today: date) -> Iterator[Body]:
    """Bodies in the order of the file; those that have ended by `today` are left out."""
    if b"<!DOCTYPE" in stream.read(2048).upper():
        # the almanac has none; entities of somebody else's file could fill the memory
        raise AlmanacError("it has a DOCTYPE, which the almanac has not: save the export again.")
    stream.seek(0)
    seen = 0
    try:
        # expat bounds what entities may grow to, and a DOCTYPE was refused above
        for _, element in ElementTree.iterparse(stream, events=("end",)):  # noqa: S314
            if _local(element.tag) != "organisatie":
                continue
            seen += 1
            if body := _body(element, today):
                yield body
            element.clear()
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise AlmanacError(f"the XML breaks off or is broken on line {line}: save it again.") from (
            error
        )
    if not seen:
        raise AlmanacError("it holds no organisatie: save the almanac's exportOO.xml.")


def _body(element: ElementTree.Element, today: date) -> Body | None:
    ended = _text(element, "eindDatum")
    with contextlib.suppress(ValueError):
        if ended and date.fromisoformat(ended[:10]) <= today:
            return None
    accounts = tuple(
        (_text(medium, "platform"), _text(medium, "gebruikersnaam"), _text(medium, "url"))
        for contact in _children(element, "contact")
        for media in _children(contact, "socialMedia")
        for medium in _children(media, "socialmedium")
    )
    return Body(
        _attribute(element, "systeemId"),
        _attribute(element, "resourceIdentifierTOOI"),
        _text(element, "naam"),
        accounts,
    )


def _local(name: str) -> str:
    """The schema's version is part of its namespace, and versions change."""
    return name.rpartition("}")[2]


def _children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for child in element if _local(child.tag).lower() == name.lower()]


def _text(element: ElementTree.Element, name: str) -> str:
    return next((" ".join((c.text or "").split()) for c in _children(element, name)), "")


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((v.strip() for k, v in element.attrib.items() if _local(k) == name), "")


def account(platform: str, name: str, url: str) -> tuple[str, str | None] | None:
    """(platform, handle) of one socialmedium; handle None when nobody can tell it; None when its
    platform is none of the register's. The address is worth more than the name."""
    if url and (found := account_of(url)):
        return found
    known = NAMES.get(platform.casefold())
    return (known, handle_of(known, name) if name else None) if known else None


def matcher(organisations: Iterable[Organisation], today: date) -> Callable[[Body], str | None]:
    """body -> organisation_id: by TOOI's code, else by the very same name."""
    dutch = [o for o in organisations if o.country == "NL" and is_valid(o, today)]
    by_code = {(o.organisation_type, o.official_code): o.organisation_id for o in dutch}
    by_name: dict[str, set[str]] = {}
    for o in dutch:
        if o.organisation_type not in _TOOI_KINDS.values():
            by_name.setdefault((o.name_nl or "").casefold(), set()).add(o.organisation_id)

    def match(body: Body) -> str | None:
        *_, kind, code = ["", "", *body.tooi.rstrip("/").split("/")]
        if kind in _TOOI_KINDS:
            return by_code.get((_TOOI_KINDS[kind], code.upper()))
        named = by_name.get(body.name.casefold(), set())
        return next(iter(named)) if len(named) == 1 else None

    return match
