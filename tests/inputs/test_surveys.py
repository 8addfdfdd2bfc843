"""Surveys: every form of LimeSurvey's export, who counts, and what is never stored."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from klankbord.errors import KlankbordError
from klankbord.imports import files, survey, survey_answers, survey_mapping, survey_responses
from klankbord.imports.bodies import Bodies
from klankbord.imports.faults import FileRefusedError, MappingError
from klankbord.imports.survey_mapping import Question
from tests.inputs.conftest import EXAMPLES, NOW, rows

TEXT = (EXAMPLES / "survey.csv").read_text()
YAML = (EXAMPLES / "survey.yaml").read_text()
ANSWERS = [
    ("be-municipality-91001", "Q1", "SQ001", None, 1),
    ("be-municipality-91001", "Q1", "SQ002", None, 1),
    ("be-municipality-91001", "Q1", "SQ003", None, 0),
    ("be-municipality-91001", "Q1", "other", None, 0),
    ("be-municipality-91001", "Q2", "", "A2", None),
    ("be-municipality-91001", "Q3", "SQ001", None, 5),
    ("be-municipality-91001", "Q3", "SQ002", None, 5),
    ("be-municipality-91001", "Q4", "", None, 2),
    ("be-municipality-91030", "Q1", "SQ001", None, 1),
    ("be-municipality-91030", "Q1", "SQ002", None, 1),
    ("be-municipality-91030", "Q1", "SQ003", None, 0),
    ("be-municipality-91030", "Q1", "other", None, 1),
    ("be-municipality-91030", "Q2", "", "-oth-", None),
    ("be-municipality-91030", "Q3", "SQ001", None, 3),
    ("be-municipality-91030", "Q4", "", None, 0.5),
    ("be-ocmw-91001", "Q2", "", "A1", None),
    ("be-ocmw-91001", "Q3", "SQ001", None, 2),
    ("be-ocmw-91001", "Q3", "SQ002", None, 3),
]


def mapped(tmp_path: Path, text: str = YAML) -> survey_mapping.SurveyMapping:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    return survey_mapping.read(path)


def understood(
    access, tmp_path: Path, content: str | bytes, yaml: str = YAML
) -> survey_responses.Survey:
    path = tmp_path / "survey.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    mapping = mapped(tmp_path, yaml)
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        return survey_responses.read(
            files.read(path), mapping, Bodies.of(cursor, mapping), NOW.date()
        )


def said(found: survey_responses.Survey) -> list[tuple]:
    return sorted(
        (r.organisation_id, a.question.code, a.subquestion, a.answer_code, a.value)
        for r in found.responses
        for a in r.answers
    )


def test_the_example_is_loaded_once(inputs, tmp_path: Path) -> None:
    file, mapping = EXAMPLES / "survey.csv", survey_mapping.read(EXAMPLES / "survey.yaml")
    done = survey.load(inputs, file, mapping, NOW)
    assert done.is_new
    assert done.answers == len(ANSWERS)
    stored = rows(
        inputs,
        "select organisation_id, question_code, subquestion_code, answer_code, value::float"
        " from raw.survey_answers order by 1, 2, 3",
    )
    assert stored == ANSWERS
    assert rows(inputs, "select country, organisation_type, addressed from raw.survey_addressed"
                " order by 2") == [("BE", "municipality", 2), ("BE", "ocmw", 1)]  # fmt: skip
    assert rows(inputs, "select organisation_id, submitted_on, file_line from raw.survey_responses"
                " order by 1") == [
        ("be-municipality-91001", date(2026, 3, 9), 7),
        ("be-municipality-91030", date(2026, 3, 5), 4),
        ("be-ocmw-91001", date(2026, 3, 10), 8),
    ]  # fmt: skip
    assert rows(inputs, "select responses, incomplete, repeated, year from raw.surveys") == [
        (3, 1, 1, 2026)
    ]
    again = survey.load(inputs, file, mapping, NOW + timedelta(days=1))
    assert not again.is_new
    assert rows(inputs, "select distinct imported_at from raw.survey_answers") == [(NOW,)]

    # what differs is another statement: it is not mixed with the first, and may replace it
    other = tmp_path / "other.csv"
    other.write_text(TEXT.replace('"A2";"";"5";"5"', '"A2";"";"4";"5"'))
    with pytest.raises(survey.SurveyConflictError, match="--replace"):
        survey.load(inputs, other, mapping, NOW)
    assert survey.load(inputs, other, mapping, NOW, replacing=True).is_new
    changed = [a for a in ANSWERS if a[:3] != ("be-municipality-91001", "Q3", "SQ001")]
    stored = rows(inputs, "select organisation_id, question_code, subquestion_code, answer_code,"
                  " value::float from raw.survey_answers order by 1, 2, 3")  # fmt: skip
    assert [a for a in stored if a in changed] == changed
    assert set(stored) - set(changed) == {("be-municipality-91001", "Q3", "SQ001", None, 4)}
    survey.load(inputs, file, mapping, NOW, replacing=True)


def test_nobody_is_stored(inputs, tmp_path: Path) -> None:
    """Not a token, an address, a name, nor a word that somebody wrote."""
    mapping = survey_mapping.read(EXAMPLES / "survey.yaml")
    done = survey.load(inputs, EXAMPLES / "survey.csv", mapping, NOW, replacing=True)
    assert done.survey.columns.personal == ("token", "ipaddr", "email")
    assert "Q2[other]" in done.survey.columns.unread
    stored = ""
    for table in ("surveys", "survey_answers", "survey_responses", "survey_addressed"):
        stored += str(rows(inputs, f"select * from raw.{table}"))
    words = ("k3Jd8s", "192.0.2", "jan@", "Jan", "nieuwsbrief", "burgemeester", "tijd")
    assert [word for word in words if word in stored] == []
    assert "be-municipality-91030" in stored  # the search is of the right text


def test_headings_and_answers_in_words(inputs, tmp_path: Path) -> None:
    """The same responses as an export with full texts, commas and words; CRLF and a mark."""
    import csv
    import io

    heads = {
        "id": "Response ID", "submitdate": "Date submitted", "lastpage": "Last page",
        "startlanguage": "Start language", "token": "Access code", "ipaddr": "IP address",
        "email": "Email address",
        "Q1[SQ001]": "Which channels  do you use? [Facebook]",
        "Q1[SQ002]": "Which channels do you use? [WhatsApp]",
        "Q1[SQ003]": "Which channels do you use? [Snapchat]",
        "Q1[other]": "Which channels do you use? [Other]",
        "Q2": "Who answers questions?", "Q2[other]": "Who answers questions? [Other]",
        "Q3[SQ001]": "How important is each? [Speed]",
        "Q3[SQ002]": "How important is each? [Tone]",
        "Q4": "How many people work on it (FTE)?", "Q5": "What stands in the way?",
    }  # fmt: skip
    words = {"Y": "Yes", "A2": "Every department", "-oth-": "Other", "A1": "A1"}
    table = list(csv.reader(io.StringIO(TEXT), delimiter=";"))
    header = [heads.get(name, name) for name in table[0]]
    lines = [header]
    for row in table[1:]:
        ticks = {n for n, name in enumerate(table[0]) if name.startswith("Q1[SQ")}
        kind = table[0].index("Q01")
        line = [
            ("Yes" if cell else "No" if any(row[t] for t in ticks) else "N/A")
            if n in ticks
            else {"A1": "Gemeente", "A2": "OCMW"}[cell]
            if n == kind
            else "Communication department"
            if (cell, table[0][n]) == ("A1", "Q2")
            else words.get(cell, cell)
            for n, cell in enumerate(row)
        ]
        lines.append(line)
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(lines)
    yaml = YAML.replace("text: Which", "text: which")
    found = understood(inputs, tmp_path, ("\ufeff" + stream.getvalue()).encode(), yaml)
    assert said(found) == ANSWERS
    assert found.columns.personal == ("Access code", "IP address", "Email address")


@pytest.mark.parametrize("change", [
    lambda t: t.replace('"Q1[SQ001]"', '"Q1[SQ001]. Which channels do you use? [Facebook]"')
               .replace('"Q4"', '"Q4. How many people work on it (FTE)?"'),
    lambda t: re.sub(r'"(Q\d)\[(\w+)\]"', r'"\1_\2"', t),
    lambda t: t.replace(";", ","),
    lambda t: t.replace('";"', '"\t"'),
    lambda t: t.replace('"Q00"', '"q00"').replace('"submitdate"', '"Date submitted"'),
])  # fmt: skip
def test_other_forms_of_the_same_export(inputs, tmp_path: Path, change) -> None:
    assert change(TEXT) != TEXT
    assert said(understood(inputs, tmp_path, change(TEXT))) == ANSWERS


def test_a_workbook_says_the_same(inputs, tmp_path: Path) -> None:
    """With numbers and moments as Excel keeps them."""
    import csv
    import io

    book = Workbook()
    for line, row in enumerate(csv.reader(io.StringIO(TEXT), delimiter=";")):
        cells: list = list(row)
        if line:
            cells = [int(c) if c.isdigit() else c for c in row]
            cells[1] = datetime.fromisoformat(row[1]) if row[1] else None
        book.active.append(cells)
    book.save(tmp_path / "survey.csv")
    found = understood(inputs, tmp_path, (tmp_path / "survey.csv").read_bytes())
    assert said(found) == ANSWERS


def test_who_counts(inputs, tmp_path: Path) -> None:
    """The latest complete one; without date stamps the highest number; each line is named."""
    found = understood(inputs, tmp_path, TEXT)
    assert (found.incomplete, found.repeated, found.without_organisation) == ([3], [2], [])
    undated = re.sub(r'"(\d)";"2026-\d\d-\d\d \d\d:\d\d:\d\d"', r'"\1";"1980-01-01 00:00:00"', TEXT)
    found = understood(inputs, tmp_path, undated)
    assert [(r.line, r.submitted_on) for r in found.responses] == [(4, None), (7, None), (8, None)]
    earlier = TEXT.replace("2026-03-09 11:00:00", "2026-03-01 11:00:00", 1)
    assert understood(inputs, tmp_path, earlier).repeated == [7]
    nobody = TEXT.replace('"192.0.2.44";"91001"', '"192.0.2.44";""')
    assert understood(inputs, tmp_path, nobody).without_organisation == [8]


def test_a_box_says_no_only_when_it_was_asked(inputs, tmp_path: Path) -> None:
    def of_ocmw(text: str, yaml: str = YAML) -> list[tuple]:
        return [a for a in said(understood(inputs, tmp_path, text, yaml)) if "ocmw" in a[0]][:-3]

    assert of_ocmw(TEXT) == []
    yes = YAML.replace("kind: multiple", "kind: multiple\n    empty_means_no: yes")
    assert [a[4] for a in of_ocmw(TEXT, yes)] == [0, 0, 0, 0]
    no = TEXT.replace('"192.0.2.44";"91001";"A2";"";', '"192.0.2.44";"91001";"A2";"N";')
    assert [a[4] for a in of_ocmw(no)] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('"91030";"A1";"Y";"Y";"";"Eigen', '"99999";"A1";"Y";"Y";"";"Eigen',
         "survey.csv:4, column 10 “Q00”: '99999' is no organisation of the register's"),
        ('"192.0.2.44";"91001";"A2"', '"192.0.2.44";"91001";"A9"',
         "survey.csv:8, column 10 “Q00”: its type 'A9' is not in"),
        ('"192.0.2.44";"91001";"A2"', '"192.0.2.44";"91002";"A1"',
         "survey.csv:8, column 10 “Q00”: be-municipality-91002 does not exist on 2026-03-10"),
        ('"A2";"";"5";"5";"2"', '"A7";"";"5";"5";"2"',
         "survey.csv:7, column 16 “Q2”: 'A7' is none of the answers to Q2"),
        ('"A2";"";"5";"5";"2"', '"Jan Peeters zelf";"";"5";"5";"2"',
         "survey.csv:7, column 16 “Q2”: a text of 16 characters is none of the answers"),
        ('"A2";"";"5";"5";"2"', '"A2";"";"6";"5";"2"',
         "survey.csv:7, column 18 “Q3[SQ001]”: 6 lies outside 1 to 5"),
        ('"A2";"";"5";"5";"2"', '"A2";"";"5";"5";"veel"',
         "survey.csv:7, column 20 “Q4”: a text of 4 characters is no number"),
        ('"A2";"";"5";"5";"2"', '"A2";"";"5";"5";"501"', "501 lies outside 0 to 500"),
        ('"A2";"";"5";"5";"2"', '"A2";"";"5";"5";"1,125"', None),  # 1125 lies outside
        ('"91001";"A1";"Y";"Y"', '"91001";"A1";"Y";"perhaps"',
         "survey.csv:7, column 13 “Q1[SQ002]”: a text of 7 characters is neither yes nor no"),
        ("2026-03-09 11:00:00", "9 maart",
         "survey.csv:7, column 2 “submitdate”: a text of 7 characters is no date"),
        ("2026-03-09 11:00:00", "2027-03-09 11:00:00", "2027-03-09 is no day on which"),
        ('"4";"2026-03-09', '"5";"2026-03-09', "survey.csv:8: response 5 stands on line 7 too"),
        ('"Q4"', '"Q9"', "survey.csv:1: no column for question Q4"),
        ('"Q1[SQ003]"', '"Q1[SQ009]"', "survey.csv:1: no column for question Q1[SQ003]"),
        ('"seed"', '"Q4"', "survey.csv:1: 2 columns for question Q4"),
        ('"Q00"', '"Q99"', "survey.csv:1: no column “q00”, which says the organisation"),
        ('"submitdate"', '"date"', "no column “submitdate”"),
        ('"jan@voorbeeldem.example"\n"5"', '"jan";"x"\n"5"',
         "survey.csv:7: the line has 23 cells and the header 22"),
        ('"192.0.2.44";"91001";"A2"', '"192.0.2.44";"91001";"A1"', None),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(inputs, tmp_path: Path, old: str, new: str, fault) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    if fault is None:  # another answer of the same body
        repeated = understood(inputs, tmp_path, text).repeated
        assert repeated == ([2] if "1,125" in new else [2, 7])
        return
    with pytest.raises(FileRefusedError) as caught:
        understood(inputs, tmp_path, text)
    assert fault in str(caught.value)
    assert "Jan" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.125", None), ("1,125", None), ("125.500", None), ("0.125", 0.125), ("1.12", 1.12),
     ("1125", 1125), ("1234.567", 1234.567), ("1.1250", 1.125)],
)  # fmt: skip
def test_thousands_are_no_fraction(text: str, value: float | None) -> None:
    """A spreadsheet in Dutch that saved an export anew may have written 1.125 for 1125."""
    question = Question("Q", "Q", "number", {}, {}, None, False)
    answers, faults = survey_answers.read(question, {"": text})
    assert [a.value for a in answers] == ([] if value is None else [value])
    assert [what for _, what in faults] == (
        [] if value is not None
        else [f"{text!r} is {text.replace('.', '').replace(',', '')}, or a fraction: write it "
              "plainly"]
    )  # fmt: skip


def test_the_day_is_that_of_brussels(inputs, tmp_path: Path) -> None:
    """Half past one in the morning of 1 October is 30 September in UTC."""
    mapping = survey_mapping.read(EXAMPLES / "survey.yaml")
    file = tmp_path / "late.csv"
    file.write_text(TEXT.replace("2026-03-09 11:00:00", "2026-10-01 01:20:00"))
    at = datetime(2026, 9, 30, 23, 30, tzinfo=UTC)
    assert survey.load(inputs, file, mapping, at, replacing=True).is_new
    with pytest.raises(FileRefusedError, match="2026-10-01 is no day on which"):
        survey.load(inputs, file, mapping, at - timedelta(hours=2), replacing=True)


def test_more_answers_than_were_asked(inputs, tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="2 organisations of type municipality answered"):
        understood(inputs, tmp_path, TEXT, YAML.replace("number: 2", "number: 1"))
    without = re.sub(r"  - \{country: BE, type: ocmw, number: 1\}\n", "", YAML)
    with pytest.raises(FileRefusedError, match="type ocmw answered and `addressed` has none"):
        understood(inputs, tmp_path, TEXT, without)


@pytest.mark.parametrize(("by", "cells"), [
    ("name", ["Voorbeeldem", "gemeente Oudstee-Beekdorp"]),
    ("organisation_id", ["be-municipality-91001", "be-municipality-91030"]),
    ("values", ["kX1", "kX2"]),
])  # fmt: skip
def test_ways_to_say_who(inputs, tmp_path: Path, by: str, cells: list[str]) -> None:
    values = "{kX1: be-municipality-91001, kX2: be-municipality-91030}"
    yaml = YAML.replace("by: official_code ", f"by: {by} ")
    yaml = yaml.replace("  type:  ", f"  values: {values}\n  type:  ") if by == "values" else yaml
    text = TEXT.replace('"91001";"A1"', f'"{cells[0]}";"A1"').replace('"91030"', f'"{cells[1]}"')
    text = "\n".join(line for line in text.split("\n") if not line.startswith('"5"'))
    found = understood(inputs, tmp_path, text, yaml)
    assert {r.organisation_id for r in found.responses} == {
        "be-municipality-91001",
        "be-municipality-91030",
    }


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("survey: dig", "survey: Dig", "an id of small letters"),
        ("year: 2026", "year: 26", "`year` is the year"),
        ("country: BE\n", "country: FR\n", "`country` is 'FR'"),
        ("by: official_code", "by: email", "`by` is 'email'"),
        ("municipality, A2", "town, A2", "'town' is no type"),
        ("number: 2}", "number: none}", "a whole number over 0"),
        ("kind: multiple", "kind: many", "`kind` is 'many'"),
        ("code: Q5", "code: Q4", "question Q4 is described twice"),
        ("code: Q5", "code: email", "'email' is about a person"),
        ("text: What stands", "text: Voornaam #", "'Voornaam' is about a person"),
        ("    range: [1, 5]\n", "", "question Q3 is a scale and has no `range`"),
        ("range: [1, 5]", "range: [5, 1]", "`range` of Q3 is the least and the most"),
        ("A2: Every department", "A2: Communication department", "means two answers"),
        ("  - code: Q4", "  - cod: Q4", "unknown keys cod"),
        ("questions:", "question:", "unknown keys question"),
        ("survey: d", "survey: [d", "it is no YAML"),
        ("    subquestions: {SQ001: Facebook", "    subquestions: [Facebook", "it is no YAML"),
    ],
)  # fmt: skip
def test_what_a_mapping_must_say(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in YAML
    with pytest.raises(MappingError) as caught:
        mapped(tmp_path, YAML.replace(old, new, 1))
    assert fault in str(caught.value)
    assert str(caught.value).startswith("mapping.yaml")


BOXES = Question("Q", "Q", "multiple", {}, {"a": "A", "b": "B", "other": "O"}, None, False)


@given(st.dictionaries(st.sampled_from(["a", "b", "other"]), st.text(max_size=8), min_size=1))
def test_boxes_are_yes_no_or_a_fault(cells: dict[str, str]) -> None:
    found, faults = survey_answers.read(BOXES, cells)
    assert not (found and faults)
    assert {a.value for a in found} <= {0.0, 1.0}
    assert {a.subquestion for a in found} in (set(), set(cells))


KINDS = [
    Question("Q", "Q", "single", {"a1": ("A1", "one")}, {}, None, False),
    Question("Q", "Q", "scale", {}, {}, (1.0, 5.0), False),
    Question("Q", "Q", "number", {}, {}, None, False),
    Question("Q", "Q", "text", {}, {}, None, False),
]


@given(st.sampled_from(KINDS), st.text(max_size=30))
def test_no_answer_carries_what_somebody_wrote(question: Question, text: str) -> None:
    found, faults = survey_answers.read(question, {"": text})
    assert len(found) + len(faults) <= 1
    for answer in found:
        assert answer.answer_code in (None, "A1")
        assert answer.label in (None, "one")
        assert isinstance(answer.value, float | None)
        if question.kind == "scale":
            assert 1 <= answer.value <= 5


@given(cut=st.integers(0, len(TEXT)), junk=st.text(max_size=20))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_refused_or_understood(inputs, tmp_path, cut: int, junk: str) -> None:
    try:
        found = understood(
            inputs, tmp_path, (TEXT[:cut] + junk + TEXT[cut:]).encode("utf-8", "replace")
        )
    except KlankbordError as error:
        assert str(error)
    else:
        assert len({r.organisation_id for r in found.responses}) == len(found.responses) > 0
