"""How Mastodon answers: its refusals by HTTP status, its text as HTML, its pages by Link header."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import httpx

from klankbord.verdicts import Kind, Verdict, parse_reset


def classify(response: httpx.Response) -> Verdict:
    """Mastodon says what it means by the HTTP status. Its messages name people: none is passed."""
    status = response.status_code
    if response.is_success:
        return Verdict(Kind.OK)
    if status == 429:
        headers = response.headers
        reset = parse_reset(headers.get("x-ratelimit-reset"))
        return Verdict(
            Kind.THROTTLED, "throttled", retry_at=reset or parse_reset(headers.get("retry-after"))
        )
    if status == 401:
        # "The access token is invalid" | "was revoked" | "expired"; else: no public reads here
        if "access token" in response.text:
            return Verdict(Kind.REFUSED, "token_expired", "the server refuses the token")
        return Verdict(
            Kind.REFUSED, "authorization_required", "the server wants a token for public reads"
        )
    if status == 403:
        return Verdict(Kind.REFUSED, "permission")
    if status in (404, 410):
        return Verdict(Kind.GONE, "account_not_found")
    if response.is_server_error:
        return Verdict(Kind.RETRY, "server_error")
    if response.is_redirect:
        return Verdict(Kind.BAD_REQUEST, "redirected", "the server's API is at another address")
    return Verdict(Kind.BAD_REQUEST, "bad_request")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(content: str) -> str:
    """The text of a status' HTML. Inline tags vanish: `@<span>name</span>` is one word, and a link
    whose middle is shown is whole again."""
    parser = _Text()
    parser.feed(content)
    parser.close()
    return "".join(parser.parts).strip()


def next_max_id(response: httpx.Response) -> str | None:
    """The cursor of the Link header's `next`; None at the end. Only the cursor is taken from it:
    a server cannot send us, or our token, to another address."""
    url = response.links.get("next", {}).get("url", "")
    return parse_qs(urlsplit(url).query).get("max_id", [None])[0]
