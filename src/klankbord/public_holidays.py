"""`python -m klankbord.public_holidays`: write dbt_project/seeds/public_holidays.csv.

The public holidays of Belgium and the Netherlands come from the library `holidays` (a tool of
developers: requirements/dev.in). dbt reads the file, so that a build needs no library, and a test
compares the two. Days of communities, on which local authorities close though the law knows no
public holiday, are no part of the library: they are the few fixed days below.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date

from klankbord.settings import PROJECT_ROOT

YEARS = range(2010, 2036)
SEED = PROJECT_ROOT / "dbt_project" / "seeds" / "public_holidays.csv"
HEADER = (
    "country", "region_code", "language", "holiday_on", "name_nl", "name_fr", "name_de", "name_en",
    "source",
)  # fmt: skip

#: What the library lacks: Dutch holidays in French and German, by their Dutch names.
_DUTCH_DAYS = {
    "Nieuwjaarsdag": ("Nouvel An", "Neujahr"),
    "Goede vrijdag": ("Vendredi saint", "Karfreitag"),
    "Eerste paasdag": ("Pâques", "Ostersonntag"),
    "Tweede paasdag": ("Lundi de Pâques", "Ostermontag"),
    "Koninginnedag": ("Fête de la Reine", "Königinnentag"),
    "Koningsdag": ("Fête du Roi", "Königstag"),
    "Bevrijdingsdag": ("Jour de la Libération", "Tag der Befreiung"),
    "Hemelvaartsdag": ("Ascension", "Christi Himmelfahrt"),
    "Eerste pinksterdag": ("Pentecôte", "Pfingstsonntag"),
    "Tweede pinksterdag": ("Lundi de Pentecôte", "Pfingstmontag"),
    "Eerste kerstdag": ("Noël", "Erster Weihnachtstag"),
    "Tweede kerstdag": ("Lendemain de Noël", "Zweiter Weihnachtstag"),
}
#: (region, language, month, day, names in nl, fr, de, en, source): municipalities, OCMW and
#: provinces only. Nine municipalities of Wallonia are the German-speaking Community's.
_COMMUNITIES = [
    ("02000", "nl", 7, 11, "Feest van de Vlaamse Gemeenschap", "Fête de la Communauté flamande",
     "Fest der Flämischen Gemeinschaft", "Day of the Flemish Community",
     "Vlaams decreet van 6 juli 1973"),
    ("03000", "fr", 9, 27, "Feest van de Franse Gemeenschap", "Fête de la Communauté française",
     "Fest der Französischen Gemeinschaft", "Day of the French Community",
     "Décret du 24 juin 1975"),
    ("03000", "de", 11, 15, "Feest van de Duitstalige Gemeenschap",
     "Fête de la Communauté germanophone", "Tag der Deutschsprachigen Gemeinschaft",
     "Day of the German-speaking Community", "Dekret vom 1. Oktober 1990"),
]  # fmt: skip


def rows() -> Iterator[tuple[str, ...]]:
    """The lines of the seed, in the order of HEADER and of time; empty is everywhere."""
    import holidays

    source = f"holidays {holidays.__version__}"
    for country in ("BE", "NL"):
        named = {
            language: holidays.country_holidays(country, years=YEARS, language=language)
            for language in ("nl", "fr", "de", "en_US")
            if language in holidays.country_holidays(country).supported_languages
        }
        for day in sorted(named["nl"]):
            dutch = named["nl"][day]
            french, german = _DUTCH_DAYS[dutch] if country == "NL" else (
                named["fr"][day], named["de"][day]
            )  # fmt: skip
            english = named["en_US"][day].replace("Labor", "Labour")
            yield country, "", "", day.isoformat(), dutch, french, german, english, source
    for region, language, month, day, *names, decree in _COMMUNITIES:
        for year in YEARS:
            yield "BE", region, language, date(year, month, day).isoformat(), *names, decree


def text() -> str:
    """The seed, as it must stand in the file."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(sorted(rows(), key=lambda row: row[:4]))
    return file.getvalue()


if __name__ == "__main__":
    SEED.write_text(text(), encoding="utf-8")
