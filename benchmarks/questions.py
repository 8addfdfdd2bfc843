"""Does the time of the rules of questions grow with the text alone, whatever is written in it?

Texts of one piece repeated, 5,000 and 20,000 characters long (the most that is read), each judged
several times; the quickest counts. Four times the text may take `MOST_GROWTH` times the time: a
rule that looks back over what it has read would take sixteen.
"""

import sys
import time

from rich.console import Console
from rich.table import Table

from klankbord import questions
from klankbord.questions import q2

PIECES = (
    *("?", "!", ".", ",", "(", '"', "'", "„", "«", "‘", "@", "#", "<", "\n", " "),
    *("@a", "#a", "a@", "'a ", "„a", "(?", "...x", ": ", "https://", "www.", "😀", "😀?", "kan "),
    *("kan ik ", "hallo, ", "wat een ", "ik vraag me ", "quel ", "est-ce que", "is it? ", "\u0301"),
)
SHORT, LONG = q2.LONGEST // 4, q2.LONGEST
MOST_GROWTH = 8.0
ROUNDS = 7


def seconds(piece: str, length: int) -> float:
    """The quickest of some judgements of a text of that length."""
    text = (piece * (1 + length // len(piece)))[: length - 1] + "x"
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        questions.is_question(text, "q2")
        q2.reason(text)
        times.append(time.process_time() - began)
    return min(times)


def main() -> int:
    """Every piece, the worst first; 1 when one grows faster than it may."""
    found = []
    for piece in PIECES:
        long = seconds(piece, LONG)
        found.append((long / max(seconds(piece, SHORT), 1e-6), 1e3 * long, piece))
    table = Table("text of", "ms", "times a quarter of it")
    for growth, ms, piece in sorted(found, reverse=True)[:10]:
        table.add_row(repr(piece), f"{ms:.1f}", f"{growth:.1f}")
    Console().print(table)
    return 0 if max(found)[0] <= MOST_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
