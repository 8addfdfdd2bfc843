"""Precision, recall and F1 of a rule set on labelled texts, with Wilson's intervals of 95 %."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from klankbord.questions import RULE_SETS, is_question
from klankbord.questions.labelled import Labelled, languages

#: the normal quantile of a two-sided interval of 95 %
Z = 1.959963984540054
ALL = "all"


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval; value None where nothing could be counted."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson (1927), clipped to 0 and 1."""
        if not self.whole:
            return None
        n, p = self.whole, self.part / self.whole
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if self.value is None or self.interval is None:
            return "-"
        low, high = self.interval
        return f"{100 * self.value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


@dataclass(frozen=True, slots=True)
class Measured:
    """What a rule set said of some texts, counted. hits: questions that were seen."""

    rules: str
    part: str
    language: str
    hits: int
    false_alarms: int
    misses: int
    rejections: int

    @property
    def texts(self) -> int:
        return self.hits + self.false_alarms + self.misses + self.rejections

    @property
    def precision(self) -> Share:
        """Of what the rules call a question, how much is one."""
        return Share(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> Share:
        """Of the questions, how many the rules see."""
        return Share(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both."""
        counted = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / counted if counted else None


def count(rows: Iterable[Labelled], rules: str, part: str, language: str) -> Measured:
    """One line of the table."""
    cells = [0, 0, 0, 0]
    for row in rows:
        cells[2 * row.is_question + is_question(row.text, rules)] += 1
    rejections, false_alarms, misses, hits = cells
    return Measured(rules, part, language, hits, false_alarms, misses, rejections)


def measure(rows: Sequence[Labelled]) -> Iterator[Measured]:
    """Each part, each of its languages and all together, under each rule set."""
    for part in dict.fromkeys(row.part for row in rows):
        here = [row for row in rows if row.part == part]
        spoken = languages(here)
        for language in [*spoken, *([ALL] if len(spoken) > 1 else [])]:
            chosen = [row for row in here if language in (row.language, ALL)]
            for rules in RULE_SETS:
                yield count(chosen, rules, part, language)


def by_kind(rows: Sequence[Labelled], rules: str) -> Iterator[tuple[str, bool, int, int]]:
    """(kind, label, texts, texts judged as labelled), in the order of the file."""
    for kind, label in dict.fromkeys((row.kind, row.is_question) for row in rows):
        chosen = [r for r in rows if (r.kind, r.is_question) == (kind, label)]
        right = sum(is_question(r.text, rules) == label for r in chosen)
        yield kind, label, len(chosen), right
