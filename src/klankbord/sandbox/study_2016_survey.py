"""The survey of the 2016 study as LimeSurvey would export it, with its mapping: who answered, and
each box ticked by as many of all as were printed.

Of those asked 49.4 % of the municipalities answered, 24.3 % of the OCMW, 25.6 % of the police
zones, 25 % of the emergency zones [2016]; how many were asked follows from that.
"""

import csv
from collections.abc import Mapping
from pathlib import Path

from klankbord.register import Register
from klankbord.sandbox.study_2016_accounts import evenly

SURVEY_ID = "study-2016"
#: type -> (asked, answered)
ASKED = {
    "municipality": (241, 119),
    "ocmw": (181, 44),
    "police_zone": (117, 30),
    "emergency_zone": (20, 5),
}
#: question -> box -> percent of those who answered [2016]
BOXES: Mapping[str, Mapping[str, int]] = {
    "does": {
        "active": 95, "answers": 78, "participation": 15, "discussion": 24, "community": 36,
        "department": 82, "snapchat": 14,
    },
    "barriers": {"knowledge": 62, "time": 54, "budget": 52},
}  # fmt: skip
_HEADS = [f"{question}[{box}]" for question, boxes in BOXES.items() for box in boxes]


def answers(register: Register) -> dict[str, dict[str, bool]]:
    """Body -> head of a column -> ticked. Spread over types, differently for each box."""
    who = []
    for kind, (_, answered) in ASKED.items():
        bodies = [
            o.organisation_id
            for o in register.organisations
            if (o.country, o.organisation_type) == ("BE", kind)
        ]
        who += [bodies[place] for place in evenly(len(bodies), answered)]
    said: dict[str, dict[str, bool]] = {one: {} for one in who}
    percents = [percent for boxes in BOXES.values() for percent in boxes.values()]
    for step, (head, percent) in enumerate(zip(_HEADS, percents, strict=True)):
        ticked = round(percent * len(who) / 100)
        for place, one in enumerate(who):
            # 89 and the number of answers have no divisor in common
            said[one][head] = (place * 89 + 7 * step) % len(who) < ticked
    return said


def write(register: Register, folder: Path) -> tuple[Path, Path]:
    """(the export, its mapping) in a folder, for `klankbord import survey`."""
    folder.mkdir(parents=True, exist_ok=True)
    export, mapping = folder / f"{SURVEY_ID}.csv", folder / f"{SURVEY_ID}.yaml"
    with export.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "submitdate", "lastpage", "body", *_HEADS])
        for number, (one, said) in enumerate(answers(register).items(), 1):
            cells = ["Y" if said[head] else "N" for head in _HEADS]
            writer.writerow([number, "2016-06-15 12:00:00", 3, one, *cells])
    lines = [
        f"survey: {SURVEY_ID}",
        "year: 2016",
        "organisation: {country: BE, column: body, by: organisation_id}",
        "addressed:",
        *(
            f'  - {{country: BE, type: {kind}, number: {asked}, regions: ["02000"]}}'
            for kind, (asked, _) in ASKED.items()
        ),
        "questions:",
        *(
            f"  - {{code: {question}, kind: multiple, subquestions: {{"
            + ", ".join(f"{box}: {box}" for box in boxes)
            + "}}"
            for question, boxes in BOXES.items()
        ),
    ]
    mapping.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return export, mapping
