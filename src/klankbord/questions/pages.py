"""docs/questions.md, made from the rules and the labelled set."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from klankbord import settings
from klankbord.questions import CURRENT, labelled, measuring, q2

PAGE = settings.PROJECT_ROOT / "docs" / "questions.md"
NAMES = {"nl": "Dutch", "fr": "French", "en": "English", "de": "German", measuring.ALL: "all"}
KINDS = {
    "certain": "open a question however it ends",
    "openings": "open a question, not before !",
    "weak": "open a question where no mark ends it",
    "tails": "end a question",
    "requests": "ask for information",
    "reactions": "disbelief",
    "indignant": "indignation",
    "agreement": "want a nod",
    "among_friends": "ask a companion along",
    "games": "quiz, raffle",
    "announcers": "answered by the writer",
}
EXAMPLES = 5


def page() -> str:
    """The page's text."""
    rows = labelled.read()
    return "\n".join(
        [
            (Path(__file__).parent / "intro.md").read_text(encoding="utf-8"),
            "## Rules of q2, counted",
            "The first patterns of each list; `<name>` is any word of a list of that name.\n",
            *_rules(),
            "\n## Measured",
            *_about(rows),
            *_table(rows),
            f"\n### What {CURRENT} makes of each kind\n",
            "All parts together.\n",
            *_kinds(rows),
            "\n## Your own sample",
            _OWN,
        ]
    )


_OWN = """The figures above come from invented sentences. Before a figure about questions is used \
in public, label some 300 messages that a body really received, at random, and measure on those: \
`klankbord questions measure --file own.csv` reads a CSV (UTF-8, comma or semicolon) with the \
columns `language`, `text`, `is_question` (yes or no), and if you like `id`, `part`, `kind`, \
`note`; it names each line that it cannot read, prints the table and writes nothing. Keep such a \
file out of the repository: it holds citizens' words.
"""


def _rules() -> Iterator[str]:
    data = tomllib.loads(q2.RULES.read_text(encoding="utf-8"))
    yield "| list | " + " | ".join(NAMES[language] for language in q2.LANGUAGES) + " |"
    yield "|---" * (1 + len(q2.LANGUAGES)) + "|"
    for kind, what in KINDS.items():
        cells = []
        for language in q2.LANGUAGES:
            patterns = data[language][kind]
            first = ", ".join(f"*{p.removeprefix('…')}*" for p in patterns[:EXAMPLES])
            cells.append(f"{len(patterns)}: {first}".replace("<", "&lt;").replace("*ps*", "ps"))
        yield f"| `{kind}`: {what} | " + " | ".join(cells) + " |"


def _about(rows: list[labelled.Labelled]) -> Iterator[str]:
    sizes = {part: sum(r.part == part for r in rows) for part in ("development", "held_out")}
    hard = len(rows) - sum(sizes.values())
    yield (
        f"{len(rows)} invented texts (`src/klankbord/questions/labelled.csv`), no copied sentence "
        f"and no real person. `held_out` ({sizes['held_out']}) was written first, before any rule "
        f"of q2, and not tuned on; `development` ({sizes['development']}) was written next, also "
        f"before the rules, which were then made to fit it; `hard` ({hard}) was written after the "
        "rules were done, to find what they miss, and the rules were not changed for it.\n\n"
        "**How far to believe this.** One author wrote the texts, the labels and the rules, so the "
        "rules know the author's phrases: the recall on `held_out` is too good, and no estimate of "
        "what real messages give. `hard` was chosen to be hard and is too bad. The truth lies "
        "between them, and only a sample of real messages tells where. Each part has its own share "
        "of questions, and precision depends on that share.\n"
    )


def _table(rows: list[labelled.Labelled]) -> Iterator[str]:
    yield "| part | language | rules | texts | questions | precision | recall | F1 |"
    yield "|---|---|---|--:|--:|--:|--:|--:|"
    for m in measuring.measure(rows):
        f1 = "-" if m.f1 is None else f"{m.f1:.3f}"
        yield (
            f"| `{m.part}` | {NAMES[m.language]} | {m.rules} | {m.texts} | {m.recall.whole} |"
            f" {m.precision} | {m.recall} | {f1} |"
        )
    yield "\nIn brackets: Wilson's interval of 95 %; it knows chance, not the author."


def _kinds(rows: list[labelled.Labelled]) -> Iterator[str]:
    yield "| kind | labelled | texts | judged so by q1 | by q2 |"
    yield "|---|---|--:|--:|--:|"
    counted = zip(measuring.by_kind(rows, "q1"), measuring.by_kind(rows, "q2"), strict=True)
    for (kind, label, texts, old), (*_, new) in counted:
        word = "question" if label else "no question"
        yield f"| {kind.replace('_', ' ')} | {word} | {texts} | {old} | {new} |"
