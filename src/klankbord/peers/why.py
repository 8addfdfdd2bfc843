"""Who a body is compared with and why, one row a peer, as a reader sees it."""

from klankbord.database import Access
from klankbord.peers import reading, similarity
from klankbord.peers.reading import PeersError, Row


def who_and_why(
    access: Access, organisation: str, kind: str, weights: str, count: int
) -> list[Row]:
    """One row a peer: its place, name, distance, and of similar ones the part of each variable."""
    body = reading.body(access, organisation)
    name = body["organisation_id"]
    if kind != "similar":
        found = reading.published_peers(access, name, kind)
        if not found:
            raise PeersError(
                f"{name} has no neighbours of this kind: the register has no place of it."
            )
        columns = ("place", "peer_id", "peer_name_nl", "basis", "distance_km")
        return [{column: row[column] for column in columns} for row in found]
    rows = reading.variables(access, body["country"], body["organisation_type"])
    known = {row["variable"]: row["weight"] for row in rows}
    chosen = (
        similarity.parse_weights(weights, known)
        if weights
        else {variable: weight for variable, weight in known.items() if weight > 0}
    )
    names = {row["organisation_id"]: row["organisation_name_nl"] for row in rows}
    own = {(r["organisation_id"], r["variable"]): r["code"] or r["amount"] for r in rows}
    return [
        {
            "place": place,
            "peer_id": peer.organisation_id,
            "peer_name_nl": names[peer.organisation_id],
            "distance": peer.distance,
        }
        | {variable: own[peer.organisation_id, variable] for variable in chosen}
        | {f"distance_{variable}": round(part, 4) for variable, part in peer.parts.items()}
        for place, peer in enumerate(similarity.nearest(rows, name, chosen, count), 1)
    ]
