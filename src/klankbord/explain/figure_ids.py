"""How a figure is named: `2026-Q3.1/M26@quintly:x:be-municipality/size-under_20k:2026-Q3`.

Edition (default: what is published now), metric, definition (default: klankbord), platform, group
or organisation, period.
"""

import re
from dataclasses import dataclass

from klankbord.errors import KlankbordError

_FIGURE = re.compile(
    r"(?:(?P<edition>published|20\d\d-Q[1-4]\.[1-9]\d{0,3})/)?"
    r"(?P<metric>M\d\d[a-z]{0,2})(?:@(?P<definition>[a-z0-9_]+))?"
    r":(?P<platform>[a-z]+):(?P<subject>[a-z0-9_/-]+):(?P<period>20\d\d-(?:Q[1-4]|0[1-9]|1[0-2]))",
    re.ASCII,
)
EXAMPLE = "M26:x:be-municipality/size-under_20k:2026-Q3"


class ExplainError(KlankbordError):
    """A figure's name cannot be read, or there is no such figure; says what there is."""


@dataclass(frozen=True, slots=True)
class FigureId:
    """edition '' is what is published now. subject is a group_id or an organisation_id."""

    metric_id: str
    platform: str
    subject: str
    period: str
    definition_id: str = "klankbord"
    edition: str = ""

    def __str__(self) -> str:
        definition = "" if self.definition_id == "klankbord" else f"@{self.definition_id}"
        prefix = f"{self.edition}/" if self.edition else ""
        named = ":".join((self.metric_id + definition, self.platform, self.subject, self.period))
        return prefix + named


def parse(text: str) -> FigureId:
    """A figure's name, or an ExplainError that shows one."""
    match = _FIGURE.fullmatch(text)
    if match is None:
        raise ExplainError(f"{text!r} is no figure: write it as {EXAMPLE}.")
    edition = match["edition"] or ""
    return FigureId(
        match["metric"],
        match["platform"],
        match["subject"],
        match["period"],
        match["definition"] or "klankbord",
        "" if edition == "published" else edition,
    )
