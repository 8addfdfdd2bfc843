"""How Graph is asked about pages: edge by edge, in smaller portions where it finds it too much."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from klankbord.budget import Purpose
from klankbord.http import Client
from klankbord.platforms.facebook_answers import POSTS, TOO_MUCH, continuation
from klankbord.verdicts import BadRequest, Gone, Refused, RequestError


class Calls:
    """The requests of one client, page after page: `begin` each. `headers`: those that carry the
    page's own token, None where ours asks."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._part = 1
        self.headers: Mapping[str, str] | None = None

    def begin(self, headers: Mapping[str, str] | None = None) -> None:
        """The next page: whole portions again."""
        self._part = 1
        self.headers = headers

    def size(self, most: int) -> int:
        """How many rows to ask for where `most` would be good."""
        return max(1, most // self._part)

    def get(
        self, path: str, params: Callable[[], Mapping[str, Any]], purpose: Purpose | None = None
    ) -> Any:
        """GET; what Graph finds too much is asked for by halves, to the end of the account."""
        while True:
            try:
                return self._client.get(path, params(), purpose=purpose, headers=self.headers)
            except BadRequest as error:
                if error.reason != TOO_MUCH or self._part > POSTS:
                    raise
                self._part *= 2

    def first(self, path: str, params: Callable[[], Mapping[str, Any]]) -> Any:
        """GET what an account begins with; where Graph will not have the page's own token, ours
        asks, and goes on asking."""
        try:
            return self.get(path, params)
        except (Refused, Gone, BadRequest):
            if self.headers is None:
                raise
            # of what a token may not see Graph says that it is not there
            self.begin()
            return self.get(path, params)

    def edge(
        self,
        first: Mapping[str, Any],
        path: str,
        params: Callable[[], Mapping[str, Any]],
        purpose: Purpose = "posts",
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of an edge, each once, from its nested first page on.

        A short page is no end; an empty one is. A page that repeats what is known and promises more
        is a broken list: it is reported rather than taken for complete.
        """
        page, seen = first, set[str]()
        while True:
            rows = page.get("data", [])
            if any("id" not in row for row in rows):
                raise Refused(
                    f"GET {path}: Graph withholds the ids; whoever gave the token needs the task "
                    "MODERATE on this page.",
                    "permission",
                )
            fresh = [row for row in rows if row["id"] not in seen]
            seen.update(row["id"] for row in fresh)
            yield from fresh
            more = continuation(page.get("paging", {}))
            if not rows or not more:
                return
            if not fresh:
                raise RequestError(f"GET {path}: Graph repeats a page.", "repeated_page")
            page = self.get(path, lambda more=more: {**params(), **more}, purpose)
