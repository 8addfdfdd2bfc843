"""`klankbord peers`: weights as people write them, distances and ties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klankbord.peers.reading import PeersError
from klankbord.peers.similarity import nearest, parse_weights

KNOWN = ("inhabitants", "latitude", "region")


def row(name, variable, score=None, code=None):
    return {"organisation_id": name, "variable": variable, "score": score, "code": code,
            "amount": score}  # fmt: skip


def test_weights_are_read() -> None:
    assert parse_weights(" inhabitants : 2 ,latitude", KNOWN) == {"inhabitants": 2, "latitude": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is no variable"), ("size:2", "there is inhabitants, latitude, region"),
        ("inhabitants:0", "'0' is no weight of inhabitants"), ("inhabitants:-1", "over 0"),
        ("inhabitants:nan", "is no weight"), ("inhabitants:inf", "is no weight"),
        ("inhabitants:", "is no weight"), ("latitude,latitude:2", "stands twice"),
    ],
)  # fmt: skip
def test_what_is_no_weight_is_said(text, said) -> None:
    with pytest.raises(PeersError) as caught:
        parse_weights(text, KNOWN)
    assert said in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_weights_or_a_sentence(text) -> None:
    try:
        weights = parse_weights(text, KNOWN)
    except PeersError as error:
        assert str(error).endswith(".")
    else:
        assert weights and all(0 < w < math.inf and n in KNOWN for n, w in weights.items())


def test_distances_and_ties() -> None:
    rows = [row("me", "inhabitants", 0.0), row("me", "region", code="x")]
    rows += [row(n, "inhabitants", s) for n, s in (("b", 1.0), ("a", -1.0), ("far", 3.0))]
    rows += [row(n, "region", code=c) for n, c in (("b", "x"), ("a", "x"), ("far", "y"))]
    rows += [row("half-known", "inhabitants", 0.0)]
    found = nearest(rows, "me", {"inhabitants": 3.0, "region": 1.0})
    assert [peer.organisation_id for peer in found] == ["a", "b", "far"]
    assert found[0].distance == pytest.approx(math.sqrt(3 / 4))
    assert found[2].distance == pytest.approx(math.sqrt((27 + 1) / 4))
    assert found[2].parts == {"inhabitants": pytest.approx(math.sqrt(27 / 4)), "region": 0.5}
    assert [p.organisation_id for p in nearest(rows, "me", {"inhabitants": 1.0}, 1)] == [
        "half-known"
    ]
    with pytest.raises(PeersError, match="half-known is not known: region"):
        nearest(rows, "half-known", {"region": 1.0})
