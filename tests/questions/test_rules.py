"""Rule set q2: each decision of docs/questions.md, other languages, and what is promised of it."""

import tomllib
import unicodedata

import pytest
from benchmarks.questions import PIECES
from hypothesis import example, given, settings
from hypothesis import strategies as st

from klankbord import questions
from klankbord.questions import gate, labelled, patterns, q2

ROWS = labelled.read()
DATA = tomllib.loads(q2.RULES.read_text(encoding="utf-8"))
#: texts that the rules may take for something: words of theirs, in any order
WORDS = sorted(
    {word.strip("<>…*") for d in DATA.values() for p in d["openings"] for word in p.split()}
    | {word for d in DATA.values() for p in d["requests"] + d["tails"] for word in p.split()}
    | {"kan", "weet", "iemand", "savez-vous", "qu'est-ce", "könnt", "WEISS", "où", "bonjour", "dag"}
)
BLANKS = [" ", "  ", "\n", "\u00a0", "\t", "\v", "\x1f", "\u2028"]
MARKED = [
    ", ",
    ". ",
    "! ",
    "? ",
    "; ",
    " (",
    " * ",
    " & ",
    " ¿",
    " • ",
    " / ",
    " 😀 ",
    " @x ",
    " #y ",
]
JOINED = st.sampled_from([*BLANKS, *MARKED, *",.:)/~-'’"])
WILD = st.one_of(
    st.text(max_size=200),
    st.lists(st.tuples(st.sampled_from(WORDS), JOINED), max_size=12).map(
        lambda pairs: "".join(word + join for word, join in pairs)
    ),
    st.sampled_from([row.text for row in ROWS]),
)


@pytest.mark.parametrize(
    ("text", "is_question", "rule"),
    [
        ("Wanneer komt de vuilkar?", True, "mark"),
        ("wanneer komt de vuilkar", True, "openings"),
        ("waneer komt de vuilkar. Groetjes", True, "openings"),
        ("Wanneer komt de vuilkar nu toch!", False, "statement"),
        ("Weet iemand waar mijn kat is!!!", True, "certain"),
        ("Nu de school dicht is, kan iemand helpen", True, "certain"),
        ("is het loket open", True, "weak"),
        ("Is het weer van dat.", False, "statement"),
        ("Is het dicht, dan kom ik terug", False, "statement"),
        ("Ik zou graag weten wat dat kost.", True, "requests"),
        ("c'est déjà fixé ou pas", True, "tails"),
        ("c'est déjà fixé ou pas. Merci", False, "statement"),
        ("je ne sais pas si c'est fixé ou pas", False, "statement"),
        ("tout est fixé ou pas", True, "tails"),
        ("tout est fixé ou pas\non verra bien", False, "statement"),
        ("Dank! @stad wanneer komt dat", True, "openings"),
        ("c’est quand la fête", True, "openings"),
        ("welke vrije plaatsen zijn dat", True, "openings"),
        ("welke plaatsen zijn dat", True, "openings"),
        ("Om 8.waar is dat", False, "statement"),
        ("Serieus?", False, "reactions"),
        ("Allez, serieus? Wanneer dan wel?", True, "mark"),
        ("Is dit een grap?", False, "indignant"),
        ("Mooi weer, hè?", False, "agreement"),
        ("Weet je dat zeker?", True, "mark"),
        ("Het resultaat? Een puinhoop.", False, "announcers"),
        ("Het resultaat?", True, "mark"),
        ("Waarom? Omdat het kan.", False, "announcers"),
        ("Waarom?", True, "mark"),
        ("Wie gaat er mee @jan_x?", False, "among_friends"),
        ("Raad eens wat dit is? Win een taart!", False, "games"),
        ('Hij riep "hoe lang nog?" en ging.', False, "statement"),
        ("Wat betekent “wijkagent” precies?", True, "mark"),
        ("De expert (?) ging weg.", False, "statement"),
        ("Zie https://dorp.example/?q=1", False, "statement"),
        ("#kermis ?", False, "statement"),
        ("@stad ?", False, "statement"),
        ("???", False, "statement"),
        ("5 + 5 ?", False, "no_word"),
        ("Is dat zo 🤔 ?", True, "mark"),
        ("Top 👏 wanneer komt er nog een", True, "openings"),
        ("Open van 8.30 tot 12.15. Waar is dat", True, "openings"),
        ("Zie dorp.be wanneer komt het", False, "statement"),
        ("wanneer is dorp.be er weer?", True, "mark"),
        ("is het op dorp.be te vinden", True, "weak"),
        (", zijn er nog", True, "openings"),
        (", de zijn er nog", False, "statement"),
        ("", False, "statement"),
    ],
)
def test_which_rule_decides(text: str, is_question: bool, rule: str) -> None:
    assert q2.reason(text) == (is_question, rule)
    assert questions.is_question(text, "q2") is is_question


@pytest.mark.parametrize(
    "text",
    [
        "هل المكتب مفتوح؟",
        "窓口は何時に開きますか？",
        "Ofis bugün açık mı?",
        "Czy urząd jest otwarty?",
    ],
)
def test_another_language_asks_with_a_question_mark(text: str) -> None:
    assert questions.is_question(text, "q2") and questions.is_question(text, "q1")
    without = text.rstrip("?؟？")
    assert not questions.is_question(without, "q2")


@pytest.mark.parametrize("mark", sorted(q2.MARKS))
def test_every_mark_is_one(mark: str) -> None:
    assert questions.is_question(f"ano {mark}", "q2")


def test_an_unknown_rule_set_is_named() -> None:
    with pytest.raises(questions.UnknownRulesError, match=r"'q9': use q1, q2"):
        questions.is_question("Wie?", "q9")


def test_verdicts_hold_what_older_rules_said_otherwise() -> None:
    assert questions.verdicts("Waar is dat?") == (True, {})
    assert questions.verdicts("waar is dat") == (True, {"q1": False})
    assert questions.verdicts("Serieus?") == (False, {"q1": True})
    assert questions.verdicts("Bedankt.") == (False, {})


@given(WILD)
def test_verdicts_are_those_of_each_set(text: str) -> None:
    now, before = questions.verdicts(text)
    assert now is questions.is_question(text) is questions.is_question(text, questions.CURRENT)
    assert before.get("q1", now) is questions.is_question(text, "q1")


@given(WILD)
@settings(max_examples=600)
@example("zijn,er")
@example("zijn\rer")
@example("zijn\u2028er")
@example("* zijn er")
@example(", zijn er")
@example("goeiemorgen / wann / sind sie")
@example("dag dorp.be zijn er")
@example(" ".join(["maar"] * 20) + " zijn er")
def test_the_gate_keeps_no_question_out(text: str) -> None:
    assert gate.may_ask(text) or not q2.reason(text)[0]


@given(WILD)
@settings(max_examples=300)
def test_capital_letters_do_not_matter(text: str) -> None:
    # a dotless i has no capital of its own; half a surrogate pair has none either
    plain = text.replace("ı", "i")
    verdict = questions.is_question(plain)
    for other in (plain.upper(), plain.lower(), plain.casefold()):
        assert questions.is_question(other) is verdict


@given(WILD, st.sampled_from([" ", "\n", "\t ", "\u00a0", "\r\n\n"]))
@settings(max_examples=300)
@example("zijn,er", " ")
@example(":wanneer is dat", "\n")
def test_white_space_mentions_and_links_around_a_text_do_not_matter(text: str, gap: str) -> None:
    verdict = questions.is_question(text)
    assert questions.is_question(gap + text + gap) is verdict
    assert questions.is_question(f"@stad_aan_zee {text}") is verdict
    assert questions.is_question(f"@a.b@c.example @d {text}") is verdict
    assert questions.is_question(f"https://x.example/?a=b {text}") is verdict
    assert questions.is_question(f"{text} https://x.example/?a=b") is verdict
    assert questions.is_question(f"{text} @stad_aan_zee") is verdict


def test_letters_in_two_parts_are_letters() -> None:
    for text in ("où est la piscine", "Könnt ihr mir sagen wo", "à quelle heure est la fête"):
        assert questions.is_question(text)
        assert questions.is_question(unicodedata.normalize("NFD", text))
        assert questions.is_question(text.replace("'", "’"))


@given(st.text(alphabet=st.characters(), max_size=300))
def test_wild_text_has_a_verdict(text: str) -> None:
    for rules in questions.RULE_SETS:
        assert questions.is_question(text, rules) in (True, False)


def test_half_a_surrogate_pair_has_a_verdict() -> None:
    assert questions.is_question("waar is dat \ud83d") and not questions.is_question("\ud83d")


@pytest.mark.timeout(60)  # a rule that looks back over and over never ends
@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_text_of_one_piece_has_a_verdict(piece: str) -> None:
    """Twenty thousand characters, the most that is read. benchmarks/questions.py takes the time."""
    text = (piece * (1 + q2.LONGEST // len(piece)))[: q2.LONGEST] + "x"
    assert questions.is_question(text, "q2") is q2.reason(text)[0]


def test_a_long_text_is_read_to_its_limit() -> None:
    filler = "wij waren daar. " * (q2.LONGEST // 16)
    assert questions.is_question(filler[:-40] + "Waar is dat?")
    assert not questions.is_question(filler + "Waar is dat?" + filler)


def test_every_list_is_there_for_every_language_and_has_no_double() -> None:
    for language in q2.LANGUAGES:
        for kind, held in DATA[language].items():
            if isinstance(held, list):
                assert held and len(held) == len(set(held)), (
                    language,
                    kind,
                    [p for p in held if held.count(p) > 1],
                )
    assert set(DATA) == set(q2.LANGUAGES)


def test_every_request_holds_a_key_so_that_the_gate_lets_it_in() -> None:
    keys = q2.rules().keys
    lacking = [
        pattern
        for language in q2.LANGUAGES
        for pattern in DATA[language]["requests"]
        if keys.isdisjoint(patterns.words_of(pattern))
    ]
    assert lacking == []


def test_every_pattern_that_opens_a_question_is_believed() -> None:
    """A pattern that another list forbids would be a dead letter."""
    dead = []
    for language in q2.LANGUAGES:
        lists = DATA[language]["lists"]
        for kind in ("certain", "openings", "weak", "requests"):
            for pattern in DATA[language][kind]:
                words = [
                    lists[w[1:-1]].split()[0] if w.startswith("<") else "x" if w == "*" else w
                    for w in pattern.split()
                ]
                text = " ".join(words) + " xx"
                if not questions.is_question(text, "q2"):
                    dead.append((language, kind, pattern, q2.reason(text)))
    assert dead == []


def test_every_pattern_that_denies_a_question_denies_one() -> None:
    weak = []
    for language in q2.LANGUAGES:
        for kind in ("reactions", "indignant", "among_friends", "games"):
            for pattern in DATA[language][kind]:
                text = pattern.removeprefix("…") + "?"
                if questions.is_question(text, "q2"):
                    weak.append((language, kind, pattern))
        for pattern in DATA[language]["agreement"]:
            text = "xyz abc" + (pattern if pattern.startswith(",") else f" {pattern}") + "?"
            if "<" not in pattern and questions.is_question(text, "q2"):
                weak.append((language, "agreement", pattern))
    assert weak == []
