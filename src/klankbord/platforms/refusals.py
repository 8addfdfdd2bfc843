"""One metric that a platform refuses costs that metric, never the request.

Platforms fail a whole request for one withdrawn metric, and do not always say which. `Offer.ask`
finds it in as few calls as it can and remembers it for as long as its client lives.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

from klankbord.http import Client
from klankbord.platforms.events import MetricRefused
from klankbord.platforms.metrics import registry
from klankbord.verdicts import BadRequest

#: the reason with which a connector's `classify` names such an error
BAD_METRIC = "bad_metric"
_INDEX = re.compile(r"\bmetric\[(\d{1,3})\]")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
T = TypeVar("T")


def named_in(message: str, metrics: Collection[str]) -> list[str]:
    """The metrics that a platform's complaint blames, in the order of `metrics`.

    "metric[2] must be one of the following values: reach, views" blames by place and lists what is
    good; anything else blames the names that stand in it.
    """
    places = [int(place) for place in _INDEX.findall(message)]
    if places:
        return [name for place, name in enumerate(metrics) if place in places]
    if "one of the following values" in message:
        return []
    words = set(_WORD.findall(message))
    return [name for name in metrics if name in words]


def blame(message: str) -> str:
    """What of a platform's message may be passed on in an error: names of the registry and places,
    so that nothing else that stands in it reaches a log. Understood by `named_in`."""
    names = {m.metric_name for m in registry()}
    places = [f"metric[{place}]" for place in _INDEX.findall(message)]
    if places or "one of the following values" in message:
        return " ".join(places)
    return " ".join(dict.fromkeys(w for w in _WORD.findall(message) if w in names))


class Offer:
    """What one client may still ask of a platform: it remembers every refused metric.

    `scope` separates sets that have nothing to do with each other: an account's metrics, those of a
    kind of post.
    """

    def __init__(self) -> None:
        self._refused: dict[str, dict[str, str]] = {}

    def refused(self, account_id: str, scope: str, wanted: Collection[str]) -> list[MetricRefused]:
        """The refusals that an account's request meets, first seen now or earlier."""
        known = self._refused.get(scope, {})
        return [MetricRefused(account_id, m, known[m]) for m in wanted if m in known]

    def ask(self, scope: str, wanted: Sequence[str], get: Callable[[list[str]], T]) -> list[T]:
        """The answers that together hold every metric of `wanted` that the platform gives.

        `get(names)` makes one request and raises BadRequest with reason `bad_metric` when a name is
        bad. Without trouble that is one call. A name that the complaint blames is left out and the
        rest is asked again; where none is blamed the bad one is found by halves, in the logarithm
        of their number. When nothing at all is taken although nobody was blamed, it is not the
        metrics that are wrong: the platform's first complaint is raised.
        """
        known = self._refused.setdefault(scope, {})
        left = [name for name in wanted if name not in known]
        answers: list[T] = []
        found: dict[str, str] = {}
        complaints: list[BadRequest] = []
        is_blamed = False

        def attempt(names: list[str]) -> list[str] | None:
            """Ask; None when it was answered, else the names that the complaint blames."""
            nonlocal is_blamed
            try:
                answers.append(get(list(names)))
                return None
            except BadRequest as error:
                if error.reason != BAD_METRIC:
                    raise
                complaints.append(error)
                guilty = named_in(str(error), names)
                is_blamed = is_blamed or bool(guilty)
                return guilty

        while left and (guilty := attempt(left)) is not None:
            suspects = left
            while not guilty and len(suspects) > 1:
                half = suspects[: len(suspects) // 2]
                blamed = attempt(half)
                if blamed is None:
                    left = [name for name in left if name not in half]
                    suspects = suspects[len(half) :]
                else:
                    guilty, suspects = blamed, half
            guilty = guilty or suspects
            found |= dict.fromkeys(guilty, str(complaints[-1]))
            left = [name for name in left if name not in guilty]
        if len(found) > 1 and not answers and not is_blamed:
            raise complaints[0]
        known |= found
        return answers


_OFFERS: "WeakKeyDictionary[Client, Offer]" = WeakKeyDictionary()


def offer_of(client: Client) -> Offer:
    """The memory of a client, for as long as the client lives."""
    return _OFFERS.setdefault(client, Offer())
