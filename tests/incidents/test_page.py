"""The page's parts: times that must not round into the norm, escaping, the picture."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from klankbord.incidents import page, page_texts
from klankbord.incidents.reading import Evaluation
from klankbord.incidents.timeline import RIGHT, WIDTH, Lane, Mark, picture

INCIDENT = {
    "source": "s", "incident_id": "1", "municipality_id": "m", "municipality_name_nl": "A & <b>",
    "municipality_name_en": None, "area_basis": "log", "area_distance_km": None,
    "incident_kind_nl": "Brand", "incident_kind_en": "Fire", "scale_name": None,
    "has_large_impact": None, "observed_bodies": 0, "bodies_within_norm": 0,
    "first_delay_minutes": None, "first_organisation_name_nl": None,
    "first_organisation_name_en": None, "first_platform": None, "partners": None,
    "amplifying_partners": None, "norm_minutes": 5, "window_hours": 6, "status": "provisional",
    "is_synthetic": False, "alarmed_at": datetime(2026, 9, 1, 22, 30, tzinfo=UTC),
}  # fmt: skip
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("minutes", "nl"),
    [(0, "0 s"), (0.5, "30 s"), (4.95, "4 min 57 s"), (5, "5 min"), (5.0167, "5 min 1 s"),
     (59.999, "59 min 59 s"), (98.4, "98 min"), (None, "")],
)  # fmt: skip
def test_a_message_just_too_late_never_reads_as_in_time(minutes, nl) -> None:
    assert page._View(Evaluation(INCIDENT, [], [], [], []), "nl").minutes(minutes) == nl


def test_an_incident_that_nobody_spoke_of() -> None:
    """Names are escaped, nothing is invented, and what is provisional says so in both languages."""
    text = page.page(Evaluation(INCIDENT, [], [], [], []))
    assert "Brand, A &amp; &lt;b&gt;" in text and "A & <b>" not in text
    assert "Fire, m" in text
    assert "02/09/2026 00:30" in text and "02 September 2026, 00:30" in text
    assert "Voorlopig" in text and "Provisional" in text
    assert "Schaal" not in text and "GRIP" not in text
    text = page.page(Evaluation(INCIDENT | {"scale_name": "municipal"}, [], [], [], []))
    assert "gemeentelijke fase" in text and "municipal phase" in text
    assert "GRIP 2" in page.page(Evaluation(INCIDENT | {"scale_name": "GRIP 2"}, [], [], [], []))
    assert "Verzonnen" not in text and "Invented" not in text


def test_both_languages_say_the_same_things() -> None:
    assert page_texts.TEXTS["nl"].keys() == page_texts.TEXTS["en"].keys()
    for words in (page_texts.ROLES, page_texts.REASONS, page_texts.LEVELS, page_texts.KINDS,
                  page_texts.SCALES):  # fmt: skip
        assert all(set(one) == set(page_texts.LANGUAGES) for one in words.values())


def test_the_picture_places_messages_by_time() -> None:
    """It is XML, the norm ends where a message at the norm stands, and order in time is order."""
    lanes = [
        Lane("Stad <X>", "gemeente", [Mark(5, "first_in", "a"), Mark(30, "update", "b & c")]),
        Lane("Zone", "politie", [], note="geen bericht", is_unseen=True),
        Lane("Buur", "buur", [Mark(0, "repeat", "d"), Mark(9_999, "first_late", "late")]),
    ]
    root = ElementTree.fromstring(picture(lanes, 5, 360, {"norm": "norm", "label": "Wie"}))
    circles = {c.get("class"): float(c.get("cx")) for c in root.iter(f"{SVG}circle")}
    norm = next(r for r in root.iter(f"{SVG}rect") if r.get("class") == "norm")
    edge = float(norm.get("x")) + float(norm.get("width"))
    assert circles["first_in"] == pytest.approx(edge, abs=0.11)
    late = next(r for r in root.iter(f"{SVG}rect") if r.get("class") == "first_late")
    assert edge < circles["update"] < float(late.get("x"))
    assert float(late.get("x")) + 5 == pytest.approx(WIDTH - RIGHT, abs=0.1)  # the window's end
    assert [r.get("class") for r in root.iter(f"{SVG}rect")].count("unseen") == 1
    said = [t.text for t in root.iter(f"{SVG}text")]
    assert "Stad <X>" in said and "geen bericht" in said
    assert "b & c" in [t.text for t in root.iter(f"{SVG}title")]
