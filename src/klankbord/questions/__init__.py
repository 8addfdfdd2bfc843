"""Which texts ask something: versioned rules, measured on a labelled set (docs/questions.md).

A rule set is frozen once a figure names it. All of them stay callable, and every item keeps the
verdicts of all, so that a figure can be computed under any.
"""

from collections.abc import Callable, Mapping

from klankbord.errors import KlankbordError
from klankbord.questions import q1, q2
from klankbord.questions.gate import may_ask


def _q2(text: str) -> bool:
    return may_ask(text) and q2.is_question(text)


#: oldest first
RULE_SETS: Mapping[str, Callable[[str], bool]] = {"q1": q1.is_question, "q2": _q2}
CURRENT = "q2"


class UnknownRulesError(KlankbordError):
    """A rule set was asked for that does not exist."""


def is_question(text: str, rules: str = CURRENT) -> bool:
    """Whether a text asks something, under a rule set. Raises UnknownRulesError for another."""
    try:
        judge = RULE_SETS[rules]
    except KeyError:
        known = ", ".join(RULE_SETS)
        raise UnknownRulesError(f"there is no question rule set {rules!r}: use {known}.") from None
    return judge(text)


def verdicts(text: str) -> tuple[bool, dict[str, bool]]:
    """(verdict of CURRENT, those of the older sets that differ from it)."""
    now = may_ask(text) and q2.is_question(text)
    return now, ({} if q1.is_question(text) == now else {"q1": not now})


__all__ = ["CURRENT", "RULE_SETS", "UnknownRulesError", "is_question", "verdicts"]
