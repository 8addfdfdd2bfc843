"""The picture of an incident as SVG: a row an organisation, a mark a message."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Kind = Literal["first_in", "first_late", "update", "repeat"]
ROW, TOP, LEFT, RIGHT, WIDTH = 34, 44, 284, 26, 1000
LABEL_LENGTH = 40
TICKS = (0, 1, 2, 5, 10, 15, 30, 60, 120, 240, 360)


@dataclass(frozen=True, slots=True)
class Mark:
    """A message at a minute after the alarm."""

    minute: float
    kind: Kind
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """An organisation's row. `note` stands in it where there is no mark. `is_unseen`: it could not
    be watched, which is not the same as silence."""

    name: str
    role: str
    marks: Sequence[Mark]
    note: str = ""
    is_unseen: bool = False


def picture(lanes: Sequence[Lane], norm: float, minutes: float, words: dict[str, str]) -> str:
    """An <svg> of the lanes over `minutes` from the alarm; `words`: norm, label (of it all)."""
    height = TOP + ROW * len(lanes) + 30
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(words["label"])}"'
        ' xmlns="http://www.w3.org/2000/svg">',
        *_axis(lanes, norm, minutes, words["norm"]),
    ]
    for number, lane in enumerate(lanes):
        parts += _lane(lane, TOP + ROW * number + ROW / 2, minutes)
    return "\n".join([*parts, "</svg>"])


def sample(kind: Kind | Literal["unseen"]) -> str:
    """A mark for the legend."""
    inner = (
        '<rect class="unseen" x="1" y="3" width="18" height="8"/>'
        if kind == "unseen"
        else _mark(10, 7, kind, "")
    )
    return f'<svg viewBox="0 0 20 14" width="20" height="14" aria-hidden="true">{inner}</svg>'


def _x(minute: float, minutes: float) -> float:
    """The first minutes decide, so the scale is logarithmic, from 0 on."""
    share = math.log1p(min(max(minute, 0.0), minutes)) / math.log1p(minutes)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _axis(lanes: Sequence[Lane], norm: float, minutes: float, word: str) -> list[str]:
    bottom = TOP + ROW * len(lanes)
    edge = _x(norm, minutes)
    middle = (LEFT + edge) / 2
    parts = [
        f'<rect class="norm" x="{LEFT}" y="{TOP}" width="{edge - LEFT:.1f}"'
        f' height="{ROW * len(lanes)}"/>',
        f'<text class="norm-label" x="{middle:.1f}" y="{TOP - 26}">{escape(word)}</text>',
    ]
    for tick in (t for t in TICKS if t <= minutes):
        x = _x(tick, minutes)
        parts.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>')
        for y in (TOP - 8, bottom + 18):
            parts.append(f'<text class="tick" x="{x:.1f}" y="{y}">{tick}</text>')
    return parts


def _lane(lane: Lane, y: float, minutes: float) -> list[str]:
    name = lane.name if len(lane.name) <= LABEL_LENGTH else lane.name[: LABEL_LENGTH - 1] + "…"
    parts = [
        f'<text class="name" x="0" y="{y - 1:.1f}">{escape(name)}</text>',
        f'<text class="role" x="0" y="{y + 12:.1f}">{escape(lane.role)}</text>',
        f'<line class="lane" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>',
    ]
    if lane.is_unseen:
        width = WIDTH - RIGHT - LEFT
        parts.append(
            f'<rect class="unseen" x="{LEFT}" y="{y - 6:.1f}" width="{width}" height="12"/>'
        )
    if lane.note:
        parts.append(
            f'<text class="note" x="{LEFT + 8}" y="{y + 4:.1f}">{escape(lane.note)}</text>'
        )
    # the first message lies on top of what comes close after it
    for mark in sorted(lane.marks, key=lambda m: m.kind.startswith("first")):
        parts.append(_mark(_x(mark.minute, minutes), y, mark.kind, mark.title))
    return parts


def _mark(x: float, y: float, kind: Kind, title: str) -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    if kind == "repeat":
        points = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y + 5:.1f} {x - 6:.1f},{y + 5:.1f}"
        return f'<polygon class="repeat" points="{points}">{told}</polygon>'
    if kind == "first_late":
        side = 10.0
        corner = f'x="{x - side / 2:.1f}" y="{y - side / 2:.1f}"'
        return f'<rect class="first_late" {corner} width="{side}" height="{side}">{told}</rect>'
    radius = 7 if kind == "first_in" else 4
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}">{told}</circle>'
