"""Kinds and scales of incidents: what logs call them -> the warehouse's words.

Dutch coordination levels are GRIP 0 to 5 (GRIP Rijk existed from 2013 and was dropped: level 6 of
old logs). Belgian phases are those of the royal decree of 22 May 2019: municipal, provincial,
federal. Both say how the response is coordinated, not how large a fire is: systems never mix.
"""

import re
from dataclasses import dataclass

KINDS: dict[str, set[str]] = {
    "fire": {"fire", "brand", "incendie", "woningbrand", "natuurbrand", "gebouwbrand"},
    "accident": {"accident", "ongeval", "verkeersongeval", "accident de la route", "treinongeval"},
    "hazardous_substance": {
        "hazardous_substance", "gevaarlijke stoffen", "ogs", "gaslek", "substances dangereuses",
        "cbrn",
    },
    "weather": {"weather", "storm", "overstroming", "wateroverlast", "inondation", "tempête",
                "noodweer"},
    "utility": {"utility", "stroomuitval", "stroomstoring", "drinkwater", "panne de courant",
                "telecomstoring"},
    "public_order": {"public_order", "openbare orde", "ordre public", "betoging", "rellen"},
    "violence": {"violence", "geweld", "terreur", "aanslag", "schietpartij", "attentat"},
    "health": {"health", "gezondheid", "epidemie", "infectieziekte", "santé"},
    "rescue": {"rescue", "redding", "sauvetage", "waterongeval", "vermissing", "instorting"},
    "technical_help": {"technical_help", "hulpverlening", "dienstverlening", "aide technique"},
    "alarm": {"alarm", "automatisch alarm", "automatische brandmelding", "oms", "alarme"},
    "exercise": {"exercise", "oefening", "proefalarm", "test", "exercice"},
    "other": {"other", "andere", "anders", "overig", "overige", "autre"},
}  # fmt: skip
_KIND = {word: kind for kind, words in KINDS.items() for word in words}

_BE_PHASES = {
    "municipal": ("gemeentelijke fase", "phase communale", "gemeentelijk", "communale", "gf"),
    "provincial": ("provinciale fase", "phase provinciale", "provinciaal", "provinciale", "pf"),
    "federal": ("federale fase", "phase fédérale", "federaal", "fédérale", "ff", "nationale fase"),
}
_FIRE_SIZES = ("kleine brand", "middelbrand", "grote brand", "zeer grote brand")
_NONE = {"", "-", "geen", "none", "aucune", "n.v.t.", "nvt", "s.o."}


class ScaleError(ValueError):
    """A kind or scale that is none; the text is the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Scale:
    """system: grip | be_phase | fire_size | priority. level: higher is more, within a system."""

    system: str
    name: str
    level: int


def kind(text: str, own: dict[str, str]) -> str:
    """One of KINDS; `own` are the words of the mapping, plain."""
    word = " ".join(text.split()).casefold()
    found = own.get(word) or _KIND.get(word)
    if not found:
        raise ScaleError("is no kind of incident that is known: add it to `kinds` of the mapping")
    return found


def scale(text: str, country: str, own: dict[str, str]) -> Scale | None:
    """The scale of a cell, None where there is none. Each country has its own systems."""
    word = " ".join(text.split()).casefold()
    word = own.get(word, word)
    if word in _NONE:
        return None
    found = _dutch(word) if country == "NL" else _belgian(word)
    if found is None:
        known = (
            "GRIP 0 to 5, P1 to P3, A1, A2, B, middelbrand, grote brand"
            if country == "NL"
            else "gemeentelijke, provinciale or federale fase"
        )
        raise ScaleError(f"is no scale of {country}: use {known}, or `scales` of the mapping")
    return found


def _dutch(word: str) -> Scale | None:
    if found := re.fullmatch(r"grip[ -]?([0-5]|rijk)", word):
        level = 6 if found[1] == "rijk" else int(found[1])
        return Scale("grip", "GRIP Rijk" if level == 6 else f"GRIP {level}", level)
    if found := re.fullmatch(r"(?:p|prio) ?([1-3])", word):
        return Scale("priority", f"P{found[1]}", 4 - int(found[1]))
    # an ambulance's: A1 at once with lights, A2 at once, B planned
    if found := re.fullmatch(r"(a1|a2|b1?|b2)", word):
        name = found[1].upper()
        return Scale("ambulance", name, {"A1": 3, "A2": 2}.get(name, 1))
    if word in _FIRE_SIZES:
        return Scale("fire_size", word, _FIRE_SIZES.index(word) + 1)
    return None


def _belgian(word: str) -> Scale | None:
    for level, (name, words) in enumerate(_BE_PHASES.items(), 1):
        if word in words or word == name:
            return Scale("be_phase", name, level)
    if word in _FIRE_SIZES:
        return Scale("fire_size", word, _FIRE_SIZES.index(word) + 1)
    return None
