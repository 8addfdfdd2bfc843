"""Is a text in the language that its column says? By little words that only one language has."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations

from klankbord.catalogue.model import LANGUAGES

#: words that the three other languages do not know
OWN_WORDS = {
    "nl": "het een niet van op voor wordt worden zijn heeft meer zien elk elke bij naar welk deel"
    " hoeveel zoveel vragen antwoorden berichten volgers wie geen",
    "fr": "la les une est sont pour sur dans qui que avec par chaque aux ce cette et ou nombre"
    " abonnés réponse réponses",
    "en": "the and with which that from their by its it they has have how share every each when"
    " posts followers answers inhabitants people",
    "de": "der das und nicht ist ein eine einen auf von für mit den dem wird sich"
    " Beiträge Fragen Antworten Einwohner",
}
#: the same letters mean something in another language as well
SHARED = {"ce", "et", "ou", "bei", "den", "wie", "par", "op", "la", "fragen", "share", "werden"}
_SETS = {code: {w.casefold() for w in text.split()} - SHARED for code, text in OWN_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")


def foreign_words(text: str, language: str) -> list[str]:
    """Words of the text that belong to one of the other languages and not to this one."""
    words = [word.casefold() for word in _WORD.findall(text)]
    others = {w for code in LANGUAGES for w in _SETS[code]} - _SETS[language]
    return [word for word in words if word in others]


def faults(texts: Mapping[str, str], *, is_sentence: bool = False) -> Iterator[tuple[str, str]]:
    """(language, what is wrong): empty, foreign, no sentence, or copied from another language."""
    for code, text in texts.items():
        if not text:
            yield code, "is empty: write it in plain words."
            continue
        if found := foreign_words(text, code):
            yield code, f"has words of another language: {', '.join(found)}."
        if "\u2014" in text:
            yield code, "has a long dash: use a comma or a full stop."
        if is_sentence and not (text.endswith(".") and text[0].isupper()):
            yield code, "is no sentence: begin with a capital, end with a full stop."
    for one, other in combinations(texts, 2):
        if is_sentence and texts[one] == texts[other]:
            yield other, f"is the same text as in {one}."
