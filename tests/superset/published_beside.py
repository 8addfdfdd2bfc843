"""Plausible rows about shares of posts, what peers are alike in, visits to websites and mergers.

Number 13, which a page shows first, has everything; others lack what tiles must say in words.
"""

from collections.abc import Iterator
from datetime import date

from tests.superset import published as small
from tests.superset.published_benchmark import MONTH, Row, bodies

#: group id -> its names
NAMES = {group[0]: group[2:4] for group in small.GROUPS}


def _post_shares() -> Iterator[Row]:
    for row in small.organisation_rows():
        if row[13] != "M03" or row[0].endswith("-09"):  # number 9 has no account that is read
            continue
        name, platform, peers, members = row[1], row[12], row[31], row[32]
        posts, reason = round(30 * row[19]), None
        total = round(30 * (row[33] or 0) * peers * 1.1) + posts
        if row[33] is None:
            reason = "suppressed"
        elif platform == "website" and name == small.NAMES[0]:
            reason = "not_observed"
        value = None if reason else posts / total
        yield {
            "organisation_id": row[0], "platform": platform, "metric_id": "M40",
            "group_id": row[30], "group_name_nl": NAMES[row[30]][0],
            "group_name_en": NAMES[row[30]][1], "period_kind": "month",
            "period_start": MONTH, "value": value, "n": peers, "n_members": members,
            "numerator": None if reason == "not_observed" else posts,
            "denominator": None if reason else total, "coverage": 0.97, "group_coverage": 0.91,
            "status": "provisional", "missing_reason": reason, "is_synthetic": True,
        }  # fmt: skip


VARIABLES = [("inhabitants", "inwoners", "inhabitants", 2.0), ("region", "gewest", "region", 1.0),
             ("province", "provincie", "province", 0.0),
             ("latitude", "ligging noord-zuid", "place north to south", 0.0),
             ("platforms", "kanalen met een account", "channels with an account", 0.0)]  # fmt: skip


def _peer_variables() -> Iterator[Row]:
    for number, body, _, _ in bodies():
        province = "10000" if number < 13 else "40000"
        found = {
            "inhabitants": (None, 9_000.0 + 1_700 * number), "region": ("02000", None),
            "province": (province, None), "latitude": (None, 51.0 + number / 100),
            "platforms": (None, 3.0 + number % 6),
        }  # fmt: skip
        for variable, nl, en, weight in VARIABLES:
            code, amount = found[variable]
            yield {
                "organisation_id": body, "variable": variable, "variable_name_nl": nl,
                "variable_name_en": en, "weight": weight, "code": code, "amount": amount,
            }  # fmt: skip


#: network -> visits of a month, the same days' a year before (None: not measured then)
VISITS = {"facebook": (1840, 1610), "instagram": (420, 455), "whatsapp": (96, 0),
          "linkedin": (77, 71), "other": (12, 9)}  # fmt: skip
AUGUST = date(2026, 8, 1)


def _web_visits() -> Iterator[Row]:
    """Number 13 is read for long, 2 since this year, 3 refuses; nobody else's website is read."""
    whole = tuple(sum(pair) for pair in zip(*VISITS.values(), strict=True))
    for number in (13, 2, 3):
        for month, status in ((AUGUST, "final"), (MONTH, "provisional")):
            for network, (visits, before) in ({"all": whole} | VISITS).items():
                if number == 3 and network != "all":
                    continue
                row = {
                    "organisation_id": f"be-municipality-{number:02}", "network": network,
                    "period_kind": "month", "period_start": month, "status": status,
                    "coverage": 0.0 if number == 3 else 1.0, "is_synthetic": False,
                }  # fmt: skip
                refused = "refused" if number == 3 else None
                yield row | {
                    "metric_id": "M39", "value": None if refused else float(visits),
                    "numerator": None if refused else float(visits), "missing_reason": refused,
                }  # fmt: skip
                reason = refused or (
                    "not_observed" if number == 2 else None if before else "not_applicable"
                )
                yield row | {
                    "metric_id": "M39g", "missing_reason": reason,
                    "value": None if reason else 100 * (visits - before) / before,
                    "numerator": float(visits - before) if number == 13 else None,
                    "denominator": float(before) if number == 13 else None,
                }  # fmt: skip


#: the map's body or bodies, who they are in the figures (numbers of `bodies`), and when
MERGED = [(date(2019, 1, 1), "Balen + Dessel", (2,), small.MONTHS),
          (date(2019, 1, 1), "Mol + Retie", (11,), small.MONTHS),
          (date(2025, 1, 1), "Beveren-Zele", (14, 25), [date(2024, 12, 1)]),
          (date(2019, 1, 1), "Olen", (12,), small.MONTHS)]  # fmt: skip


def _territories() -> Iterator[Row]:
    for day, name, numbers, months in MERGED:
        for month in months:
            for number in numbers:
                yield {
                    "territory_on": day, "territory_id": name, "platform": "facebook",
                    "period_kind": "month", "period_start": month,
                    "organisation_id": f"be-municipality-{number:02}",
                }  # fmt: skip


def _territory_metrics() -> Iterator[Row]:
    for day, name, _, months in MERGED:
        yield {
            "territory_on": day, "territory_id": name, "territory_name_nl": name, "country": "BE",
            "organisation_type": "municipality", "metric_id": "M05", "platform": "facebook",
            "period_kind": "month", "period_start": months[-1], "value": 10.7,
        }  # fmt: skip


ROWS = {
    "rpt_post_share": _post_shares, "rpt_peer_variable": _peer_variables,
    "rpt_web_visits": _web_visits, "rpt_territory": _territories,
    "rpt_territory_metric": _territory_metrics,
}  # fmt: skip
