"""What the tiles say in words, over hand-made published rows on a real PostgreSQL; no Superset."""

import re

import pytest

from klankbord.dashboards.bundle import ASSETS, Bundle, read_yaml
from tests.superset.conftest import Read

TEXTS = read_yaml(ASSETS / "texts.yaml")


@pytest.fixture(params=["nl", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


def test_no_code_of_the_warehouse_reaches_a_reader(read: Read, bundle: Bundle) -> None:
    """Everything that a chart shows is in words: no not_observed, no few_peers, no on_track."""
    shown = {
        (bundle_name(bundle, chart["dataset_uuid"]), column)
        for chart in bundle.of("charts").values()
        for column in chart["params"].get("all_columns", [])
    }
    # these are classes of the tiles' style, never text
    classes = {"status", "state", "rule_id", "question_code", "position"}
    for name in sorted({dataset for dataset, _ in shown}):
        for row in read(name):
            for column in {c for d, c in shown if d == name} - classes:
                value = row[column]
                is_code = isinstance(value, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", value)
                assert not is_code, (name, column, value)


def bundle_name(bundle: Bundle, uuid: str) -> str:
    """The name of a dataset by its UUID."""
    return next(a["table_name"] for a in bundle.of("datasets").values() if a["uuid"] == uuid)


def test_the_verdict_follows_the_comparison_and_not_the_place(read: Read, language: str) -> None:
    words = TEXTS[language]["comparison"]
    said = {}
    for row in read(f"organisation_metric_{language}"):
        if row["metric_id"] not in ("M01", "M02", "M22") and row["is_shown"]:
            time = "hours" if row["metric_id"] in ("M29", "M30") else "count"
            said.setdefault((time, row["verdict_said"]), set()).add((row["mark"], row["place"]))
    times = {verdict: marks for (kind, verdict), marks in said.items() if kind == "hours"}
    counts = {verdict: marks for (kind, verdict), marks in said.items() if kind == "count"}
    # quick answers are a low figure
    assert times[words["faster"]] == {("▼", "below")}
    assert times[words["slower"]] == {("▲", "above")}
    assert times[words["none"]] == {("–", "none")}
    assert counts[words["lower"]] == {("▼", "below")}
    assert counts[words["higher"]] == {("▲", "above")}
    assert counts[words["not_distinguishable"]] == {("●", "middle")}
    assert words["faster"] not in counts and words["lower"] not in times


def test_a_mean_wait_gets_no_verdict_but_a_next_step(read: Read) -> None:
    words = TEXTS["nl"]
    rows = [r for r in read("organisation_metric_nl") if r["metric_id"] == "M30" and r["is_shown"]]
    steps = {row["next_step"] for row in rows}
    assert {row["verdict_said"] for row in rows} <= {words["comparison"]["none"]}
    assert set(words["next"]["M30"].values()) & steps


def test_a_difference_that_can_be_chance_is_no_call_to_act(read: Read) -> None:
    words = TEXTS["nl"]["next"]
    for row in read("organisation_metric_nl"):
        if row["metric_id"] in ("M05", "M26", "M29") and row["is_shown"]:
            same = row["verdict_said"] == TEXTS["nl"]["comparison"]["not_distinguishable"]
            if same:
                assert row["next_step"] == words[row["metric_id"]]["middle"]


def test_a_change_is_real_or_chance_or_not_compared(read: Read) -> None:
    words = TEXTS["nl"]["change"]
    said = [row for row in read("organisation_metric_nl") if row["change_said"]]
    texts = [row["change_said"] for row in said]
    for ending in (*words["verdicts"].values(), words["faster"], words["slower"]):
        if ending not in (words["verdicts"]["same"],):
            assert any(ending in text for text in texts), ending
    assert any(
        re.match(r"[+-]\d+ procentpunt tegenover een jaar geleden \(\d+ %\)", t) for t in texts
    )
    assert any(re.match(r"[+-]\d+,\d uur tegenover een jaar geleden \(", t) for t in texts)
    assert words["no_year"] in texts
    assert f"{words['not_compared']}Een jaar geleden was er nog geen cijfer." in texts
    assert f"{words['not_compared']}Het jaar ervoor telde een vraag volgens oudere regels." in texts
    merged = [t for t in texts if t.endswith("is dat van de delen samen.")]
    assert merged and all("tegenover een jaar geleden" in t for t in merged)
    # what fell is not told to have risen
    for row in said:
        if row["change_said"].startswith("-"):
            assert words["verdicts"]["higher"] not in row["change_said"]
            assert words["slower"] not in row["change_said"]


def test_targets_peers_and_indexes_say_why_they_are_not_there(read: Read) -> None:
    targets = [row for row in read("target_nl") if row["has_target"]]
    assert {row["forecast_shown"] is not None for row in targets} == {True, False}
    first = next(row for row in targets if row["status"] == "on_track")
    assert first["target_shown"] == "minstens 10,0 % meer dan bij het begin"
    assert (first["bar"], first["forecast_between"]) == (82, "9,7 % tot 12,2 %")
    assert {row["no_forecast"] for row in targets} == {
        None, "er zijn nog geen zes maanden", "er is geen cijfer",
    }  # fmt: skip
    index = read("index_en")
    assert {row["index_missing"] for row in index} == {None, "too few components are known"}
    assert {(r["has_score"], r["score_shown"] is None, r["part_missing"]) for r in index} == {
        (True, False, None), (False, True, "too few cases"),
    }  # fmt: skip
    places = {row["similar_place"] for row in read("peer_metric_nl")}
    words = TEXTS["nl"]["peers"]
    assert places == {TEXTS["nl"]["none"], words["no_place"], *words["positions"].values()}
    assert all(r["index_shown"] is None for r in index if r["index_missing"])


def test_the_parts_of_a_change_add_up_as_they_are_drawn(read: Read) -> None:
    everything = read("group_change_nl")
    rows = [row for row in everything if row["has_change"]]
    assert len(rows) > 100
    assert {r["before_shown"] for r in everything if not r["has_change"]} == {TEXTS["nl"]["none"]}
    for row in rows:
        parts = [row[f"{p}_change"] for p in ("real", "composition", "merger", "definition")]
        note = row["platform_change"].split(" · ")[1]
        if row["metric_id"] == "M05":
            for text, number in ((note, sum(parts)), (row["real_shown"], row["real_change"])):
                # what rounding would hide is said to be small, with its sign
                if text in ("+< 0,1", "-< 0,1"):
                    assert 0 < abs(number) <= 0.051 and (number > 0) == (text[0] == "+"), row
                else:
                    assert abs(float(text.replace(",", ".")) - number) <= 0.051, row
    small = {row["real_shown"] for row in rows if row["metric_id"] == "M05"}
    assert small & {"+< 0,1", "-< 0,1"}, "nothing proved of a change that rounding hides"


def test_steps_of_a_curve_sort_as_they_follow(read: Read, language: str) -> None:
    for name in ("response_curve", "response_curve_own"):
        labels = {row["after_label"] for row in read(f"{name}_{language}")}
        words = [label.replace("\u200b", "") for label in sorted(labels)]
        assert words == list(TEXTS[language]["after"].values())
    own = [row for row in read("response_curve_own_nl") if row["hours"] == 24]
    # too few questions of one's own: the group's line stands there all the same
    assert any(row["own_questions"] is None and row["group_shown"] for row in own)
    assert {row["own_between"] is None for row in own if row["own_shown"]} == {False}


def test_evidence_and_incidents_in_words(read: Read) -> None:
    found = {row["rule_id"]: row["evidence_shown"] for row in read("maturity_nl")
             if row["state"] == "met"}  # fmt: skip
    assert found == {"P1-account": "ja", "P2-posts": "4,2 per week", "P2-growth": "+2,4 %",
                     "P3-replies": "14 % van 17 berichten"}  # fmt: skip
    missed = {row["evidence_shown"] for row in read("maturity_nl") if row["state"] == "not_met"}
    assert missed == {f"59 % van 17 vragen{TEXTS['nl']['goals']['by_chance']}"}
    unknown = [row for row in read("maturity_nl") if row["state"] == "unknown"]
    assert {row["evidence_shown"] for row in unknown} == {"te weinig gevallen"}
    assert {(r["has_phase"], r["at_least_name"], r["at_most_name"]) for r in unknown} == {
        (False, "activeren", "in gesprek"),
    }  # fmt: skip
    everywhere = sorted(read("incident_en"), key=lambda row: row["incident_order"])
    # a country without one has a row that says what to do
    assert {(r["country_name"], r["has_incident"]) for r in everywhere} == {
        ("Belgium", True), ("Netherlands", False),
    }  # fmt: skip
    incidents = [row for row in everywhere if row["has_incident"]]
    names = [row["incident_name"] for row in incidents]
    assert names == sorted(names, reverse=True)
    silent = [row for row in incidents if not row["has_spoken"]]
    assert [(row["delay_shown"], row["first_by"]) for row in silent] == [("no message found", "–")]
    norms = {row["type_name"]: (row["share_shown"], row["reason_name"])
             for row in read("incident_group_en") if row["has_row"]}  # fmt: skip
    assert norms == {"Municipality": ("42%", None), "Police zone": ("68%", None),
                     "Emergency zone": (None, "hidden to protect a few")}  # fmt: skip


def test_a_group_of_which_half_answers_nothing_is_not_said_to_answer_nothing(
    read: Read, language: str
) -> None:
    words = TEXTS[language]["regional"]
    rates = [row for row in read(f"group_metric_{language}") if row["metric_id"] == "M26"]
    silent = {row["beside_shown"] for row in rates if row["value"] == 0}
    percent = r"\d+ ?%\."
    pattern = re.escape(words["half_silent"] + words["all_questions"]) + percent
    assert silent and all(re.fullmatch(pattern, text) for text in silent)
    others = {row["beside_shown"] for row in rates if row["value"]}
    assert others and all(
        re.fullmatch(re.escape(words["all_questions"]) + percent, text) for text in others
    )
    assert {row["beside_shown"] for row in rates if not row["is_shown"]} == {None}


def test_what_is_hidden_and_what_does_not_exist_is_not_drawn_as_nought(
    read: Read, language: str
) -> None:
    words = TEXTS[language]
    rows = read(f"group_metric_{language}")
    notes = {row["type_note"].split(" · ", 1)[1] for row in rows}
    assert any(note.endswith(words["hidden_bars"]) for note in notes)
    apart = {
        row["platform_note"].split(" · ", 1)[1]
        for row in rows
        if row["platform_name"] == "Website" and row["metric_id"] in ("M05", "M26")
    }
    assert apart == {words["reasons"]["not_applicable"]}
    assert None not in {row[name] for row in rows for name in ("type_note", "platform_note")}
    assert None not in {r["size_note"] for r in rows if r["group_kind"] == "size_class"}


def test_who_cannot_be_judged_is_a_part_of_the_bar(read: Read, language: str) -> None:
    parts: dict[str, float] = {}
    unknown = TEXTS[language]["unknown_phase_part"]
    rows = [r for r in read(f"maturity_group_{language}") if r["part"] is not None]
    assert {row["part"] > 0 for row in rows if row["phase_name"] == unknown} == {True}
    for row in rows:
        parts[row["type_phases"]] = parts.get(row["type_phases"], 0) + row["part"]
    assert parts and all(abs(whole - 1) < 0.06 for whole in parts.values()), parts


def test_suppressed_not_observed_and_provisional_are_told_apart(read: Read) -> None:
    words = TEXTS["nl"]
    read.connection.cursor().execute(  # type: ignore[attr-defined]
        "update published.rpt_organisation_metric set value = null, missing_reason = x.reason"
        " from (values ('M05', 'suppressed'), ('M26', 'not_observed'), ('M29', 'refused'),"
        " ('M21', 'not_applicable')) as x (metric, reason)"
        " where organisation_id = 'be-municipality-13' and metric_id = x.metric"
    )
    rows = [r for r in read("organisation_metric_nl") if r["organisation_name"] == "Aalst"
            and r["platform_name"] == "Facebook"]  # fmt: skip
    shown = {row["metric_id"]: (row["shown"], row["verdict_said"]) for row in rows}
    reasons, own = words["reasons"], words["reasons_own"]
    expected = {"M05": "suppressed", "M26": "not_observed", "M29": "refused",
                "M21": "not_applicable"}  # fmt: skip
    for metric, reason in expected.items():
        assert shown[metric] == (reasons[reason], own[reason])
    assert {row["status_name"] for row in rows} == {words["statuses"]["provisional"]}
