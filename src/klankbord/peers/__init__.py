"""Reading published peers and figures on another year's map, with the reader's role."""

from klankbord.peers.reading import PeersError, Row, read
from klankbord.peers.similarity import Variable, nearest, parse_weights
from klankbord.peers.territory import on_map
from klankbord.peers.why import who_and_why

__all__ = [
    "PeersError",
    "Row",
    "Variable",
    "nearest",
    "on_map",
    "parse_weights",
    "read",
    "who_and_why",
]
