"""Known answers of what compares bodies: the benchmark index (M46) and the share of posts (M40)."""

import math
from collections.abc import Sequence

from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_figures import Figure
from klankbord.sandbox.truth_index import indexes
from klankbord.sandbox.truth_places import bodies_of, shares, size_classes
from tests.pipeline.house import House

PUBLISHER = "klankbord_publisher"


def close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)


def place_differences(house: House, truth: Truth, figures: Sequence[Figure]) -> list[str]:
    return index_differences(house, truth, figures) + share_differences(house, truth, figures)


def index_differences(house: House, truth: Truth, figures: Sequence[Figure]) -> list[str]:
    """The index of every body and quarter with its band, and what it is made of."""
    platforms = {row.platform for row in truth.rows}
    quarters = {
        first for p in platforms for kind, first, _ in truth.periods(p) if kind == "quarter"
    }
    said = {
        tuple(row[:2]): row[2:]
        for row in house.rows(
            "select organisation_id, period_start, value, rank_best, rank_worst, missing_reason, n"
            " from published.rpt_index",
            role="klankbord_reader",
        )
    }
    scores: dict[tuple, dict[str, float]] = {}
    for name, start, component, score in house.rows(
        "select organisation_id, period_start, component, score from marts.fct_index_component"
        " where score is not null",
        role=PUBLISHER,
    ):
        scores.setdefault((name, start), {})[component] = score
    lines, expected = [], {}
    for quarter in sorted(quarters):
        for name, one in indexes(bodies_of(truth, figures, quarter)).items():
            expected[name, quarter] = one
    for key in expected.keys() ^ said.keys():
        lines.append(f"index {key}: {'missing' if key in expected else 'invented'}")
    for key in expected.keys() & said.keys():
        one, (value, best, worst, reason, n) = expected[key], said[key]
        band = None if best is None else (best, worst)
        if not close(value, one.value) or (band, reason, n) != (one.band, one.reason, one.n):
            lines.append(f"index {key}: {said[key]}, and the truth is {one}")
        mine = scores.get(key, {})
        if mine.keys() != one.scores.keys() or not all(
            close(mine[c], float(one.scores[c])) for c in mine
        ):
            lines.append(f"components {key}: {mine}, and the truth is {one.scores}")
    return sorted(lines)


def share_differences(house: House, truth: Truth, figures: Sequence[Figure]) -> list[str]:
    said = {
        tuple(row[:4]): row[4:]
        for row in house.rows(
            "select organisation_id, platform, period_kind, period_start, value, numerator,"
            " denominator, n from published.rpt_post_share",
            role="klankbord_reader",
        )
    }
    lines = []
    seen = set()
    posted: dict[tuple, list[Figure]] = {}
    for f in figures:
        if f.metric_id == "M03":
            posted.setdefault((f.platform, f.period_kind, f.period_start), []).append(f)
    for platform in sorted({row.platform for row in truth.rows}):
        for kind, first, last in truth.periods(platform):
            classes = size_classes(truth, last)
            posts = {
                f.organisation_id: (classes[f.organisation_id], f.numerator)
                for f in posted.get((platform, kind, first), ())
                if f.organisation_id in classes
            }
            for name, one in shares(posts).items():
                key = (name, platform, kind, first)
                seen.add(key)
                found = said.get(key, (None, None, None, -1))
                if found[3] != one.n or not all(
                    close(a, b) for a, b in zip(found, (one.value, one.posts, one.of), strict=False)
                ):
                    lines.append(f"share {key}: {found}, and the truth is {one}")
    lines += [f"share {key}: invented" for key in said.keys() - seen]
    return sorted(lines)
