"""How Instagram is asked: with an owner's token, in smaller portions where Graph finds it too much,
and about others through the professional account of our own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from klankbord.budget import Purpose
from klankbord.http import Client
from klankbord.platforms.facebook_answers import TOO_MUCH
from klankbord.platforms.instagram_answers import (
    COMMENT_FIELDS,
    COMMENTS,
    NESTED_REPLIES,
    OTHERS_MEDIA,
    all_rows,
    comment_fields,
    discovery_fields,
)
from klankbord.verdicts import BadRequest, Refused


class Calls:
    """The requests of one client, account after account: `begin` each with its token's headers."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._own_id: str | None = None
        self._part = 1
        self.headers: Mapping[str, str] | None = None

    def begin(self, headers: Mapping[str, str] | None) -> None:
        """The next account: whole portions again."""
        self.headers, self._part = headers, 1

    def size(self, most: int) -> int:
        """How many rows to ask for where `most` would be good."""
        return max(1, most // self._part)

    def get(
        self, path: str, params: Callable[[], Mapping[str, Any]], purpose: Purpose | None = None
    ) -> Any:
        """GET; what Graph finds too much is asked for by halves, to the end of the account."""
        while True:
            try:
                return self._client.get(path, params(), headers=self.headers, purpose=purpose)
            except BadRequest as error:
                if error.reason != TOO_MUCH or self._part > OTHERS_MEDIA:
                    raise
                self._part *= 2

    def edge(
        self, first: Mapping[str, Any], node_id: str, edge: str, purpose: Purpose
    ) -> Iterator[Mapping[str, Any]]:
        """All rows of `comments` of a media or `replies` of a comment, from the nested ones on."""
        path = f"/{node_id}/{edge}"
        fields = COMMENT_FIELDS if edge == "replies" else comment_fields(NESTED_REPLIES)

        def more(cursor: Mapping[str, str]) -> Mapping[str, Any]:
            return self.get(path, lambda: {"fields": fields, "limit": COMMENTS, **cursor}, purpose)

        return all_rows(first, path, more)

    def discover(
        self, username: str, with_media: bool, after: str | None = None
    ) -> Mapping[str, Any]:
        """Somebody else's account, with a page of its media, as our own account sees it."""
        own_id = self._own()
        answer = self.get(
            f"/{own_id}",
            lambda: {
                "fields": discovery_fields(
                    username, self.size(OTHERS_MEDIA) if with_media else None, after
                )
            },
        )
        return answer["business_discovery"]

    def _own(self) -> str:
        """The professional account that is linked to the page of our token; asked for once."""
        if self._own_id is None:
            me = self._client.get("/me", {"fields": "instagram_business_account{id}"})
            linked = me.get("instagram_business_account")
            if not linked:
                raise Refused(
                    "GET /me: no professional Instagram account is linked to the page of "
                    "KLANKBORD_INSTAGRAM_TOKEN, and others' accounts are seen through one.",
                    "permission",
                )
            self._own_id = str(linked["id"])
        return self._own_id
