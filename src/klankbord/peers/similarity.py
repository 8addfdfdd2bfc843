"""Bodies that are most like one, by variables and weights of one's own choice.

The distance is that of the warehouse (int_peer_similar): the root of the weighted mean of squared
differences, each in standard deviations of the body's type in its country; a code (region,
province) differs by one or not at all. A tie goes to the smaller id.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from klankbord.peers.reading import PeersError, Row

#: digits to which distances are compared, as in the warehouse
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Variable:
    """What is known of a body: a standardised number or a code, and how a reader sees it."""

    score: float | None
    code: str | None
    amount: float | None

    def square(self, other: "Variable") -> float:
        """The square of what lies between two bodies."""
        if self.score is None or other.score is None:
            return float(self.code != other.code)
        return (self.score - other.score) ** 2


@dataclass(frozen=True, slots=True)
class Peer:
    """A body and how far it is: `distance`, and by variable the part that it has in it; the squares
    of the parts sum up to the square of the distance."""

    organisation_id: str
    distance: float
    parts: dict[str, float]


def parse_weights(text: str, known: Iterable[str]) -> dict[str, float]:
    """`inhabitants:2,latitude:1` -> weights; a name alone weighs 1. Raises PeersError."""
    names = sorted(known)
    weights: dict[str, float] = {}
    for piece in text.split(","):
        name, colon, number = (part.strip() for part in piece.partition(":"))
        if name not in names:
            raise PeersError(
                f"{name!r} is no variable of this organisation: there is {', '.join(names)}."
            )
        if name in weights:
            raise PeersError(f"The variable {name} stands twice in {text!r}: name it once.")
        try:
            weights[name] = float(number) if colon else 1.0
        except ValueError:
            weights[name] = math.nan
        if not (0 < weights[name] < math.inf):
            raise PeersError(
                f"{number!r} is no weight of {name}: write a number over 0, such as {name}:2."
            )
    return weights


def nearest(
    rows: Iterable[Row], organisation_id: str, weights: Mapping[str, float], count: int = 12
) -> list[Peer]:
    """The `count` bodies nearest to one, among rows of rpt_peer_variable of its type and country.
    Who lacks a variable is not compared. Raises PeersError when the body itself lacks one."""
    known: dict[str, dict[str, Variable]] = defaultdict(dict)
    for row in rows:
        known[row["organisation_id"]][row["variable"]] = Variable(
            row["score"], row["code"], row["amount"]
        )
    ours = known[organisation_id]
    if missing := sorted(set(weights) - set(ours)):
        raise PeersError(
            f"Of {organisation_id} is not known: {', '.join(missing)}; leave it out of --variables."
        )
    total = sum(weights.values())
    peers = []
    for name, theirs in known.items():
        if name != organisation_id and weights.keys() <= theirs.keys():
            squares = {v: w * ours[v].square(theirs[v]) / total for v, w in weights.items()}
            distance = round(math.sqrt(sum(squares.values())), DIGITS)
            peers.append(Peer(name, distance, {v: math.sqrt(s) for v, s in squares.items()}))
    return sorted(peers, key=lambda peer: (peer.distance, peer.organisation_id))[:count]
