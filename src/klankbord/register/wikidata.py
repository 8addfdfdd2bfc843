"""Accounts that Wikidata names for the register's bodies: one query, its answer, what still holds.

Asked by the bodies' own items, and Dutch municipalities without one by their CBS code (P382).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import httpx

from klankbord import settings
from klankbord.errors import KlankbordError
from klankbord.http import Client
from klankbord.register.proposal_handles import handle_of
from klankbord.register.rows import Organisation
from klankbord.verdicts import Kind, Verdict, parse_reset

#: property -> (platform, its rank among the properties of one platform: the first that answers
#: wins). A channel's id outlives its handle. No property of WhatsApp channels was found.
PROPERTIES: dict[str, tuple[str, int]] = {
    "P2013": ("facebook", 0),
    "P2003": ("instagram", 0),
    "P2002": ("x", 0),
    "P2397": ("youtube", 0),
    "P11245": ("youtube", 1),
    "P4264": ("linkedin", 0),
    "P7085": ("tiktok", 0),
    "P11892": ("threads", 0),
    "P4033": ("mastodon", 0),
    "P12361": ("bluesky", 0),
    "P2984": ("snapchat", 0),
}
BATCH = 150  # items a request: its address stays under 8 kB
SPACING_SECONDS = 1.0
ENTITY = "http://www.wikidata.org/entity/"

_QUERY = """SELECT ?item ?code ?property ?value ?rank ?started ?ended ?hasEnded ?number WHERE {
  %(bodies)s
  VALUES (?property ?claim ?statement) { %(properties)s }
  ?item ?claim ?node .
  ?node ?statement ?value ; wikibase:rank ?rank .
  OPTIONAL { ?node pq:P580 ?started }
  OPTIONAL { ?node pq:P582 ?ended }
  BIND(EXISTS { ?node pq:P582 [] } AS ?hasEnded)
  OPTIONAL { ?node pq:P6552 ?number }
}"""


class WikidataError(KlankbordError):
    """An answer that is no SPARQL result of this query."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One account that Wikidata names. `number`: the account's own id at the platform."""

    item: str
    code: str | None
    property: str
    value: str
    rank: str
    started: date | None
    ended: date | None
    has_ended: bool  # also when nobody knows the day
    number: str | None


def query(items: Sequence[str] = (), codes: Sequence[str] = ()) -> str:
    """The SPARQL of a batch: of items (Q…), or of CBS codes (four digits)."""
    if codes:
        listed = " ".join(f'"{code}"' for code in codes)
        bodies = f"VALUES ?code {{ {listed} }} ?item wdt:P382 ?code ."
    else:
        bodies = f"VALUES ?item {{ {' '.join(f'wd:{item}' for item in items)} }}"
    properties = " ".join(f"(wd:{p} p:{p} ps:{p})" for p in PROPERTIES)
    return _QUERY % {"bodies": bodies, "properties": properties}


def ask(bodies: Iterable[Organisation], client: Client | None = None) -> list[Claim]:
    """Every claim about the bodies, from KLANKBORD_WIKIDATA_URL, in polite batches."""
    client = client or open_client()
    items, codes = keys(bodies)
    claims: list[Claim] = []
    try:
        for name, wanted in (("items", items), ("codes", codes)):
            for start in range(0, len(wanted), BATCH):
                text = query(**{name: wanted[start : start + BATCH]})
                claims += parse(client.get("", {"query": text, "format": "json"}))
    finally:
        client.close()
    return claims


def keys(bodies: Iterable[Organisation]) -> tuple[list[str], list[str]]:
    """The items to ask for, and the CBS codes of Dutch municipalities that have none."""
    items = {b.wikidata for b in bodies if b.wikidata}
    codes = {
        b.official_code.removeprefix("GM")
        for b in bodies
        if b.wikidata is None
        and (b.country, b.organisation_type) == ("NL", "municipality")
        and b.official_code
    }
    return sorted(items), sorted(codes)


def open_client() -> Client:
    """A client that says who asks, as Wikidata wants it."""
    contact = settings.get("KLANKBORD_CONTACT")
    agent = "klankbord/0.1 (benchmark of local governments" + (f"; {contact})" if contact else ")")
    return Client(
        settings.get("KLANKBORD_WIKIDATA_URL"),
        classify,
        headers={"User-Agent": agent, "Accept": "application/sparql-results+json"},
        spacing_seconds=SPACING_SECONDS,
        timeout=70,  # the endpoint itself gives up after 60 seconds
    )


def classify(response: httpx.Response) -> Verdict:
    """What an answer of the query service means."""
    status = response.status_code
    if status == 200:
        return Verdict(Kind.OK)
    if status == 429:
        again = parse_reset(response.headers.get("retry-after"), datetime.now(UTC))
        return Verdict(Kind.THROTTLED, detail="too many requests", retry_at=again)
    if status == 403:
        return Verdict(Kind.REFUSED, detail="refused; set KLANKBORD_CONTACT to say who asks")
    if status >= 500:
        return Verdict(Kind.RETRY, detail="the query service is not well")
    return Verdict(Kind.BAD_REQUEST, detail="the query was not understood")


def parse(answer: object, where: str = "the answer") -> list[Claim]:
    """The claims of a SPARQL JSON answer; WikidataError when it is none of this query's."""
    try:
        bindings = answer["results"]["bindings"]  # type: ignore[index]
        return [claim for binding in bindings if (claim := _claim(binding))]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise WikidataError(
            f"{where} is no SPARQL JSON result with item, property, value and rank "
            f"({type(error).__name__}): save the answer of the query that "
            "`klankbord register propose wikidata --show-query` prints."
        ) from error


def _claim(binding: dict) -> Claim | None:
    def value(name: str) -> str | None:
        return binding[name]["value"] if name in binding else None

    code, has_ended = value("code"), value("hasEnded")
    ended = value("ended")
    claim = Claim(
        item=_local(binding["item"]["value"]),
        code=f"GM{int(code):04d}" if code else None,
        property=_local(binding["property"]["value"]),
        value=binding["value"]["value"],
        rank=_local(binding["rank"]["value"]),
        started=_date(value("started")),
        ended=_date(ended),
        has_ended=ended is not None or has_ended in ("true", "1"),
        number=value("number"),
    )
    # "unknown value" comes as a blank node: somebody has an account, nobody knows which
    is_known = binding["value"].get("type") == "literal"
    return claim if is_known and claim.property in PROPERTIES else None


def _date(text: str | None) -> date | None:
    """A day; one of which only the year is known stands as its first; a blank node is none."""
    return date.fromisoformat(text[:10]) if text and text[:1].isdigit() else None


def _local(address: str) -> str:
    return address.rpartition("/")[2].rpartition("#")[2]


def current(claims: Iterable[Claim], today: date) -> Iterator[tuple[Claim, str, str | None]]:
    """(claim, platform, handle) of what holds today: nothing deprecated, ended or yet to start; of
    one body and property the preferred rank alone where there is one; of one body and platform the
    first property alone. handle None: the value says no handle."""
    found: dict[tuple[str, str], dict[int, list[Claim]]] = {}
    for claim in dict.fromkeys(claims):
        # an end that nobody knows the day of is an end too
        is_over = claim.has_ended and (claim.ended is None or claim.ended <= today)
        if claim.rank == "DeprecatedRank" or is_over or (claim.started or today) > today:
            continue
        platform, order = PROPERTIES[claim.property]
        found.setdefault((claim.item, platform), {}).setdefault(order, []).append(claim)
    for (_, platform), by_order in found.items():
        best = by_order[min(by_order)]
        preferred = [claim for claim in best if claim.rank == "PreferredRank"]
        for claim in preferred or best:
            yield claim, platform, handle_of(platform, claim.value)


def evidence(claim: Claim) -> str:
    """The page where a person can see the claim."""
    return f"https://www.wikidata.org/wiki/{claim.item}#{claim.property}"


def matcher(bodies: Iterable[Organisation]) -> Callable[[Claim], list[Organisation]]:
    """claim -> the bodies that it is about."""
    by_item: dict[str, list[Organisation]] = {}
    by_code: dict[str, list[Organisation]] = {}
    for body in bodies:
        if body.wikidata:
            by_item.setdefault(body.wikidata, []).append(body)
        elif body.organisation_type == "municipality" and body.official_code:
            by_code.setdefault(body.official_code, []).append(body)
    return lambda claim: by_item.get(claim.item) or by_code.get(claim.code or "", [])
