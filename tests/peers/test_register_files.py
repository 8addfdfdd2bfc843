"""peer_groups.csv and adjacency.csv: what is read, what is refused, with its file and line."""

import pytest

from klankbord import register
from klankbord.errors import RegisterError
from tests.inputs.conftest import EXAMPLES

GROUPS = "group_id,name_nl,name_fr,name_en,name_de,organisation_id,valid_from,valid_to,source\n"
BORDERS = "organisation_id,neighbour_id,valid_from,valid_to,source\n"
BODIES = (
    "be-municipality-91001", "be-municipality-91002", "be-municipality-91003",
    "be-municipality-91030", "nl-municipality-gm9901", "nl-municipality-gm9902",
)  # fmt: skip
FIVE = [f"mine,Onze,Nos,Ours,Unsere,{name},,,us" for name in BODIES[:5]]


def read(tmp_path, groups=None, borders=None):
    for name, header, lines in (("peer_groups", GROUPS, groups), ("adjacency", BORDERS, borders)):
        if lines is not None:
            (tmp_path / f"{name}.csv").write_text(header + "".join(f"{x}\n" for x in lines))
    return register.read([EXAMPLES / "register", tmp_path])


def test_what_is_declared_is_read(tmp_path) -> None:
    found = read(tmp_path, FIVE, ["be-municipality-91001,be-municipality-91002,,2025-01-01,map"])
    ours = [row for row in found.peer_groups if row.group_id == "mine"]
    assert [row.organisation_id for row in ours] == list(BODIES[:5])
    assert ours[0].name_de == "Unsere"
    assert len(found.peer_groups) == 10 and len(found.adjacency) == 3
    assert str(found.adjacency[-1].valid_to) == "2025-01-01"


@pytest.mark.parametrize(
    ("groups", "line", "said"),
    [
        (FIVE[:4], 2, "selection mine has 4 members on its fullest day; name at least 5"),
        ([*FIVE[:4], FIVE[4].replace("gm9901", "gm1")], 6, "'nl-municipality-gm1' is in no"),
        ([*FIVE, FIVE[0]], 7, "member be-municipality-91001 of selection mine is a duplicate"),
        ([*FIVE, FIVE[0].replace(",,,", ",2025-01-01,,")], 7, "overlaps in time"),
        ([*FIVE[:4], FIVE[4].replace("Ours", "Mine")], 6, "mine is called otherwise at"),
        ([x.replace("Ours", "") for x in FIVE], 2, "selection mine has no name_en"),
        ([FIVE[0].replace(",,,", ",2025-01-01,2025-01-01,"), *FIVE[1:], FIVE[0]], 2, "not after"),
        # five bodies, and never five of them at one time
        ([*FIVE[:4], *(f"mine,Onze,Nos,Ours,Unsere,{BODIES[n]},{a},{b},us" for n, a, b in
                       ((4, "2020-01-01", "2021-01-01"),)),
          *[x.replace("mine", "late").replace(",,,us", ",2021-01-01,,us") for x in FIVE[:4]],
          f"late,Onze,Nos,Ours,Unsere,{BODIES[4]},2019-01-01,2021-01-01,us"],
         7, "selection late has 4 members"),
    ],
)  # fmt: skip
def test_faulty_selections(tmp_path, groups, line, said) -> None:
    with pytest.raises(RegisterError) as caught:
        read(tmp_path, groups)
    lines = str(caught.value).splitlines()
    assert any(f"peer_groups.csv:{line}: " in one and said in one for one in lines), lines


@pytest.mark.parametrize(
    ("borders", "line", "said"),
    [
        (["be-municipality-91001,be-municipality-91001,,,m"], 2, "is its own neighbour"),
        (["be-municipality-91001,be-ocmw-91001,,,m"], 2, "only bodies of one type are neighbours"),
        (["be-municipality-91001,be-municipality-9,,,m"], 2, "neighbour_id 'be-municipality-9'"),
        (["be-municipality-91001,be-municipality-91002,,,m",
          "be-municipality-91002,be-municipality-91001,,,m"], 3, "is a duplicate of"),
        (["be-municipality-91001,be-municipality-91002,2025-01-01,2024-01-01,m"], 2, "not after"),
    ],
)  # fmt: skip
def test_faulty_borders(tmp_path, borders, line, said) -> None:
    with pytest.raises(RegisterError) as caught:
        read(tmp_path, borders=borders)
    (only,) = str(caught.value).splitlines()
    assert f"adjacency.csv:{line}: " in only and said in only
