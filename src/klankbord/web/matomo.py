"""Matomo's reporting API: visits of a site by day, in all and from each social network.

Every question is a POST, so that `token_auth` stands in no address and no access log (contract 10);
Matomo 5 has tokens that work in no other way. Matomo says no with {"result": "error"}, often with
HTTP 200; its texts may name a login, so none is passed on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from klankbord.http import Client
from klankbord.verdicts import BadRequest, Kind, ServerError, Verdict, parse_reset
from klankbord.web.networks import PATTERN, by_domain, network_of

#: the first version in which a social network is no website too
SOCIAL_APART = 4


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a site. `visits`: of everybody; `networks`: those that came from one, if any did."""

    visited_on: date
    visits: int
    networks: Mapping[str, int] = field(default_factory=dict)


def classify(response: httpx.Response) -> Verdict:
    """A refusal stands in the body, whatever the status."""
    text = _error(response)
    if text is None:
        if response.is_success:
            return Verdict(Kind.OK)
        return _by_status(response)
    if any(word in text for word in ("token", "authenticat", "logged in")):
        return Verdict(Kind.REFUSED, "token_expired", "Matomo refuses the token")
    if "unexpected website" in text or "does not exist" in text or "doesn't exist" in text:
        return Verdict(Kind.GONE, "site_not_found", "Matomo has no site of this number")
    if "access" in text or "permission" in text:
        return Verdict(Kind.REFUSED, "permission", "the token may not see this site's reports")
    if response.is_server_error:
        return Verdict(Kind.RETRY, "server_error")
    return Verdict(Kind.BAD_REQUEST, "bad_request", "Matomo does not understand the question")


def _by_status(response: httpx.Response) -> Verdict:
    status = response.status_code
    if status == 429:
        retry_at = parse_reset(response.headers.get("retry-after"))
        return Verdict(Kind.THROTTLED, "throttled", retry_at=retry_at)
    if status in (401, 403):
        return Verdict(Kind.REFUSED, "permission", "the server lets nobody in")
    if status in (404, 410):
        return Verdict(Kind.GONE, "site_not_found", "there is no Matomo at this address")
    if response.has_redirect_location:
        return Verdict(Kind.BAD_REQUEST, "moved", "Matomo answers at another address")
    return Verdict(Kind.RETRY if response.is_server_error else Kind.BAD_REQUEST)


def _error(response: httpx.Response) -> str | None:
    """The text of a refusal, in small letters; None for an answer."""
    try:
        body = response.json()
    except ValueError:
        return None
    if isinstance(body, dict) and body.get("result") == "error":
        return str(body.get("message", "")).lower()
    return None


class Matomo:
    """One site of one Matomo. `client`: at the address, with `classify`."""

    def __init__(self, client: Client, site_id: str, token: str) -> None:
        self._client = client
        self._site_id = site_id
        self._token = token

    def days(self, first: date, last: date) -> Iterator[Day]:
        """The days from `first` to `last` (both included, of the site's own time zone) that Matomo
        answers for.

        Since version 4 a visit comes from a social network or from a website, before that a social
        network is a website too. Matomo knows the networks of its own year: the others (and their
        short addresses) stand among the websites.
        """
        major = self._major_version()
        visits = self._by_day("VisitsSummary.getVisits", first, last)
        socials = self._by_day("Referrers.getSocials", first, last)
        pattern = {"filter_column": "label", "filter_pattern": PATTERN}
        websites = self._by_day("Referrers.getWebsites", first, last, **pattern)
        for day, count in sorted(visits.items()):
            found = _counted(socials.get(day, []), network_of)
            for network, more in _counted(websites.get(day, []), by_domain).items():
                known = found.get(network, 0)
                found[network] = known + more if major >= SOCIAL_APART else max(known, more)
            yield Day(day, _whole(count), found)

    def _major_version(self) -> int:
        answer = self._ask("API.getMatomoVersion")
        version = answer.get("value") if isinstance(answer, dict) else answer
        try:
            return int(str(version).partition(".")[0])
        except ValueError as error:
            raise _unreadable("API.getMatomoVersion") from error

    def _by_day(self, method: str, first: date, last: date, **more: str) -> dict[date, Any]:
        """The report of each day. A day that Matomo leaves out is left out here."""
        answer = self._ask(
            method,
            idSite=self._site_id,
            period="day",
            date=f"{first},{last}",
            filter_limit="-1",  # else a report ends after 100 rows
            format_metrics="0",
            showColumns="label,nb_visits",
            **more,
        )
        if answer == []:  # PHP's empty object
            return {}
        wanted = {first + timedelta(days=n) for n in range((last - first).days + 1)}
        try:
            found = {date.fromisoformat(name): report for name, report in answer.items()}
        except (AttributeError, ValueError) as error:
            raise _unreadable(method) from error
        return {day: report for day, report in found.items() if day in wanted}

    def _ask(self, method: str, **parameters: str) -> Any:
        return self._client.post(
            "/index.php",
            {
                "module": "API",
                "method": method,
                "format": "JSON",
                "token_auth": self._token,
                **parameters,
            },
        )


def _counted(rows: Any, name_of: Any) -> dict[str, int]:
    """Visits by network; what is of none is left out."""
    found: dict[str, int] = {}
    try:
        for row in rows:
            if network := name_of(row["label"]):
                found[network] = found.get(network, 0) + _whole(row["nb_visits"])
    except (TypeError, KeyError, AttributeError) as error:
        raise _unreadable("a report") from error
    return found


def _whole(value: Any) -> int:
    """A count; older versions write it as text."""
    if isinstance(value, dict) and "nb_visits" in value:
        value = value["nb_visits"]
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadRequest("Matomo's number of visits is no count.", "malformed_answer")
    return value


def _unreadable(method: str) -> ServerError:
    return ServerError(f"Matomo's answer to {method} has another shape.", "malformed_answer")
