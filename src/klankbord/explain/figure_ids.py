"""How a published figure is named, whatever table it stands in.

`2026-Q3.1/M26@quintly:x:be-municipality/size-under_20k:2026-Q3`: edition (default: what is
published now), metric, definition (default: klankbord), platform, group or organisation, period.
What has no platform or no period is named by what it has: `KINDS`.
"""

import re
from dataclasses import dataclass, field

from klankbord.errors import KlankbordError

_EDITION = r"(?:(?P<edition>published|20\d\d-Q[1-4]\.[1-9]\d{0,3})/)?"
_PERIOD = r"20\d\d-(?:Q[1-4]|0[1-9]|1[0-2])"
_SUBJECT = r"(?P<subject>[A-Za-z0-9_/.+-]+)"
#: a name that people gave: of a survey and its question, of an incident and its source, of a target
_GIVEN = r"[^:\s](?:[^:\r\n]*[^:\s])?"


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to name figures. pattern: what follows the edition; shape: how it is written again;
    says: what it is, for the reader of an error."""

    name: str
    pattern: str
    shape: str
    example: str
    says: str
    regex: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "regex", re.compile(_EDITION + self.pattern, re.ASCII))


_PLACE = rf"(?P<platform>[a-z_]+):{_SUBJECT}:(?P<period>{_PERIOD})"
#: the first that fits is meant
KINDS = (
    Kind("target", rf"(?P<metric>M48):(?P<subject>{_GIVEN})", "{metric}:{subject}",
         "M48:nl-safety-region-vr01-followers-facebook", "a target"),
    Kind("survey", rf"(?P<metric>M50):(?P<of>{_GIVEN}):{_SUBJECT}", "{metric}:{of}:{subject}",
         "M50:study-2016/answers/-/Y:all", "an answer of a survey"),
    Kind("index", rf"(?P<metric>M46):{_PLACE}", "{metric}:{platform}:{subject}:{period}",
         "M46:all:be-municipality-44021:2026-Q3", "an index"),
    Kind("maturity", rf"(?P<metric>M47):{_PLACE}", "{metric}:{platform}:{subject}:{period}",
         "M47:all:be-municipality-44021:2026-Q3", "a phase"),
    Kind("incidents", r"(?P<metric>M34):(?P<platform>all):" + _SUBJECT
         + r":(?P<period>20\d\d-Q[1-4])", "{metric}:{platform}:{subject}:{period}",
         "M34:all:be-municipality:2026-Q3", "the incidents of a quarter"),
    Kind("incident", rf"(?P<metric>M3[456]):(?P<of>{_GIVEN}/{_GIVEN}):{_SUBJECT}",
         "{metric}:{of}:{subject}", "M34:sandbox be/2026-09-85024-2:be-police-zone-de-gaume",
         "an incident"),
    Kind("bands", rf"(?P<metric>M32):{_PLACE}", "{metric}:{platform}:{subject}:{period}",
         "M32:x:be-municipality/size-under_20k:2026-Q3", "response bands and their curve"),
    Kind("visits", rf"(?P<metric>M39[a-z]?):{_PLACE}", "{metric}:{platform}:{subject}:{period}",
         "M39:facebook:be-municipality-44021:2026-09", "visits to a website"),
    Kind("share", rf"(?P<metric>M40):{_PLACE}", "{metric}:{platform}:{subject}:{period}",
         "M40:x:be-municipality-44021:2026-09", "a share of posts"),
    Kind("change",
         rf"(?P<metric>M\d\d[a-z]{{0,2}}):(?P<platform>[a-z_]+):{_SUBJECT}"
         rf":(?P<of>{_PERIOD})\.\.(?P<period>{_PERIOD})",
         "{metric}:{platform}:{subject}:{of}..{period}",
         "M26:x:be-municipality-44021:2025-Q3..2026-Q3", "a change"),
    Kind("territory",
         rf"(?P<metric>M\d\d[a-z]{{0,2}})(?:@(?P<definition>[a-z0-9_]+))?:(?P<platform>[a-z_]+):"
         rf"{_SUBJECT}@(?P<of>20\d\d-\d\d-\d\d):(?P<period>{_PERIOD})",
         "{metric}{definition}:{platform}:{subject}@{of}:{period}",
         "M05:x:be-municipality-46030@2025-01-01:2024-Q4", "a figure on another year's map"),
    Kind("figure",
         rf"(?P<metric>M\d\d[a-z]{{0,2}})(?:@(?P<definition>[a-z0-9_]+))?:{_PLACE}",
         "{metric}{definition}:{platform}:{subject}:{period}",
         "M26:x:be-municipality/size-under_20k:2026-Q3", "a figure"),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}
EXAMPLE = BY_NAME["figure"].example


class ExplainError(KlankbordError):
    """A figure's name cannot be read, or there is no such figure; says what there is."""


@dataclass(frozen=True, slots=True)
class FigureId:
    """edition '' is what is published now. subject: a group, an organisation, a territory, a
    target. of: the survey's question, the incident, the map's day, or the period before."""

    metric_id: str
    platform: str
    subject: str
    period: str
    definition_id: str = "klankbord"
    edition: str = ""
    of: str = ""
    kind: str = "figure"

    def __str__(self) -> str:
        definition = "" if self.definition_id == "klankbord" else f"@{self.definition_id}"
        prefix = f"{self.edition}/" if self.edition else ""
        return prefix + BY_NAME[self.kind].shape.format(
            metric=self.metric_id, definition=definition, platform=self.platform,
            subject=self.subject, period=self.period, of=self.of,
        )  # fmt: skip


def parse(text: str) -> FigureId:
    """A figure's name, or an ExplainError that shows one."""
    for kind in KINDS:
        if match := kind.regex.fullmatch(text):
            break
    else:
        raise ExplainError(
            f"{text!r} is no figure: write it as {EXAMPLE}; docs/editions.md has the names of"
            " indexes, phases, targets, surveys, incidents and changes."
        )
    said = match.groupdict()
    edition = said["edition"] or ""
    return FigureId(
        said["metric"],
        said.get("platform") or "",
        said["subject"],
        said.get("period") or "",
        said.get("definition") or "klankbord",
        "" if edition == "published" else edition,
        said.get("of") or "",
        kind.name,
    )
