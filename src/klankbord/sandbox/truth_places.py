"""What the benchmark index (M46) and the share of posts (M40) are made of, from a world's truth."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from klankbord.register import AccountRow, is_valid
from klankbord.sandbox.readings import PLATFORMS_WITHOUT_MESSAGES, local_day
from klankbord.sandbox.truth import Truth
from klankbord.sandbox.truth_figures import Figure, next_period
from klankbord.sandbox.truth_groups import groups_of
from klankbord.sandbox.truth_index import FEWEST_PEERS, PARTS, Body, Seen

QUICK_HOURS = 24


def bodies_of(truth: Truth, figures: Iterable[Figure], quarter: date) -> Iterator[Body]:
    """The bodies of a quarter with what is known of them; figures: all of `truth.figures()`."""
    last = {
        platform: last
        for platform in {row.platform for row in truth.rows}
        for kind, first, last in truth.periods(platform)
        if (kind, first) == ("quarter", quarter)
    }
    rows: dict[str, dict[str, AccountRow]] = defaultdict(dict)
    for row in truth.rows:
        if row.platform in last and is_valid(row, last[row.platform]):
            rows[row.organisation_id][row.platform] = row
    seen: dict[str, list[Seen]] = defaultdict(list)
    for f in figures:
        if (f.period_kind, f.period_start) == ("quarter", quarter) and f.metric_id in PARTS:
            seen[f.organisation_id].append(Seen(f.platform, f.metric_id, f.value, f.n_cases))
            if f.metric_id == "M26" and f.value is not None:
                quick = _quick(truth, rows[f.organisation_id][f.platform], quarter)
                seen[f.organisation_id].append(Seen(f.platform, "M32", quick, f.n_cases))
    for name, group in size_classes(truth, max(last.values())).items():
        tiers = [
            row.access_tier
            for platform, row in rows[name].items()
            if platform not in PLATFORMS_WITHOUT_MESSAGES
        ]
        yield Body(
            name, group, max(tiers, default=None), frozenset(rows[name]), tuple(seen[name])
        )  # fmt: skip


def size_classes(truth: Truth, on: date) -> dict[str, str]:
    """body -> the group of its size class on a day; who has none is not there."""
    found = {}
    for body in truth.register.organisations:
        if is_valid(body, on):
            inhabitants = truth.register.inhabitants(body.organisation_id, on)
            for group in groups_of(body, inhabitants):
                if "/size-" in group:
                    found[body.organisation_id] = group
    return found


def _quick(truth: Truth, row: AccountRow, quarter: date) -> float:
    """The share of a quarter's closed questions that were answered within a day."""
    closed = [
        q
        for q in truth.known(row).questions()
        if q.is_closed and quarter <= local_day(q.asked_at) < next_period("quarter", quarter)
    ]
    quick = [q for q in closed if q.response_hours is not None and q.response_hours <= QUICK_HOURS]
    return len(quick) / len(closed)


@dataclass(frozen=True, slots=True)
class Share:
    """M40: own posts, those of the group, and of how many bodies; None where nothing is told."""

    value: float | None
    posts: float | None
    of: float | None
    n: int


def shares(posts: Mapping[str, tuple[str, float | None]]) -> dict[str, Share]:
    """body -> (its group, its posts on a platform in a period; None: not known)."""
    found = {}
    by_group: dict[str, list[float]] = defaultdict(list)
    for group, own in posts.values():
        if own is not None:
            by_group[group].append(own)
    for name, (group, own) in posts.items():
        known = by_group[group]
        is_told = own is not None and len(known) >= FEWEST_PEERS
        of = sum(known) if is_told else None
        found[name] = Share(own / of if is_told and of else None, own, of, len(known))
    return found
