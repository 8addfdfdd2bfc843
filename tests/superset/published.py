"""Small published tables with plausible rows, so that dashboards can be tried without a pipeline.

Two countries' municipalities and one type too small to show; thirteen months; ten platforms. All
values are a fixed function of names, so two runs give the same pictures.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

#: table -> column -> PostgreSQL type, as docs/design.md lists them. The rows end before the columns
#: that have a default; what nobody draws stays empty.
TABLES = {
    "rpt_organisation_metric": """organisation_id text, organisation_name_nl text,
        organisation_name_en text, country text, organisation_type text, organisation_type_nl text,
        organisation_type_en text, province_code text, province_name_nl text, region_code text,
        size_class text, inhabitants integer, platform text, metric_id text, metric_name_nl text,
        metric_name_en text, unit text, direction text, period_start date, value double precision,
        numerator double precision, denominator double precision, n_cases integer,
        coverage double precision, access_tier text, status text, missing_reason text,
        definition_version text, parameters jsonb, is_synthetic boolean, group_id text,
        group_n integer, group_n_members integer, group_median double precision,
        group_q1 double precision, group_q3 double precision, position text,
        percentile double precision, colour_class text, comparison text, comparison_basis text,
        comparison_reason text, lower double precision, upper double precision,
        group_lower double precision, group_upper double precision, funnel_lower double precision,
        funnel_upper double precision, period_kind text default 'month', period text,
        definition_id text default 'klankbord', distance_to_median double precision,
        overdispersion double precision""",
    "rpt_group_metric": """group_id text, group_kind text, group_name_nl text, group_name_en text,
        country text, organisation_type text, platform text, metric_id text, metric_name_nl text,
        metric_name_en text, unit text, direction text, period_start date, value double precision,
        n integer, n_members integer, coverage double precision, mean double precision,
        median double precision, q1 double precision, q3 double precision, pooled double precision,
        access_tier text, status text, missing_reason text, definition_version text,
        parameters jsonb, is_synthetic boolean, lower double precision, upper double precision,
        period_kind text default 'month', period text, definition_id text default 'klankbord',
        weighted_mean double precision, p10 double precision, p90 double precision""",
    "rpt_response_time": """group_id text, organisation_id text, platform text, period_start date,
        band text, band_order integer, questions integer, share double precision,
        period_kind text default 'month', period text, clock text default 'calendar',
        lower double precision, upper double precision, metric_id text default 'M32', n integer,
        n_members integer, coverage double precision, access_tier text, status text,
        definition_id text default 'klankbord', definition_version text, is_synthetic boolean""",
    "rpt_follower_trend": """organisation_id text, organisation_name_nl text, platform text,
        period_start date, followers integer, inhabitants integer, value double precision,
        group_median double precision, is_synthetic boolean, period_kind text default 'month',
        period text, metric_id text default 'M05', coverage double precision, access_tier text,
        status text, missing_reason text, definition_id text default 'klankbord',
        definition_version text""",
    "rpt_data_quality": """platform text, scan_on date, accounts_registered integer,
        accounts_ok integer, accounts_failed integer, reason text,
        last_observed_at timestamptz""",
}
PER_100 = "followers_per_100_inhabitants"
METRICS = {  # id -> (Dutch, English, unit, direction)
    "M01": ("Aanwezigheid", "Presence", "share", "higher"),
    "M02": ("Actieve aanwezigheid", "Active presence", "share", "higher"),
    "M03": ("Berichten per dag", "Posts per day", "posts_per_day", "none"),
    "M05": (
        "Volgers per 100 inwoners",
        "Followers per 100 inhabitants",
        PER_100,
        "higher",
    ),
    "M06a": (
        "Volgers per 100 inwoners, samen",
        "Followers, pooled",
        PER_100,
        "higher",
    ),
    "M06b": (
        "Volgers per 100 inwoners, gemiddelde",
        "Followers, mean",
        PER_100,
        "higher",
    ),
    "M06c": (
        "Volgers per 100 inwoners, mediaan",
        "Followers, median",
        PER_100,
        "higher",
    ),
    "M11": ("Betrokkenheid per bericht", "Engagement per post", "percent", "higher"),
    "M21": ("Aandeel antwoorden", "Two-way share", "share", "higher"),
    "M22": ("Interactie", "Interaction", "share", "higher"),
    "M26": ("Responsgraad", "Response rate", "share", "higher"),
    "M29": ("Mediane responstijd", "Median response time", "hours", "lower"),
    "M30": ("Gemiddelde responstijd", "Mean response time", "hours", "lower"),
}
TYPICAL = {
    "M03": 0.9, "M05": 10.7, "M11": 0.4, "M21": 0.11, "M26": 0.4, "M29": 6.0, "M30": 19.0,
}  # fmt: skip
#: platform -> how many have it, beside Facebook; all ten, since a tile may hold four and cut six
PLATFORMS = {
    "facebook": 1.0, "x": 0.6, "mastodon": 0.15, "bluesky": 0.2, "youtube": 0.3,
    "instagram": 0.8, "threads": 0.12, "website": 0.4, "linkedin": 0.5, "tiktok": 0.12,
}  # fmt: skip
#: what the two have that nobody follows or asks
WITHOUT_FOLLOWERS = {"website"}
WITHOUT_QUESTIONS = {"website", "tiktok"}
MONTHS = [date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)] + [
    date(2026, month, 1) for month in range(1, 10)
]
#: (group id, kind, Dutch, English, country, type, members, typical size relative to Facebook)
GROUPS = [
    ("be-municipality", "type", "Gemeenten in België", "Municipalities in Belgium", "BE",
     "municipality", 40, 1.0),
    ("be-municipality/region-02000", "region", "Gemeenten in Vlaanderen",
     "Municipalities in Flanders", "BE", "municipality", 30, 1.1),
    ("be-municipality/province-10000", "province", "Gemeenten in Antwerpen",
     "Municipalities in Antwerp", "BE", "municipality", 12, 1.05),
    ("be-municipality/size-under_20k", "size_class", "Gemeenten in België, minder dan 20.000",
     "Municipalities in Belgium, under 20,000", "BE", "municipality", 20, 1.3),
    ("be-municipality/size-20k_50k", "size_class", "Gemeenten in België, 20.000 tot 50.000",
     "Municipalities in Belgium, 20,000 to 50,000", "BE", "municipality", 16, 0.9),
    ("be-municipality/size-over_50k", "size_class", "Gemeenten in België, meer dan 50.000",
     "Municipalities in Belgium, over 50,000", "BE", "municipality", 4, 0.7),
    ("be-police_zone", "type", "Politiezones in België", "Police zones in Belgium", "BE",
     "police_zone", 18, 0.8),
    ("be-emergency_zone", "type", "Hulpverleningszones in België", "Emergency zones in Belgium",
     "BE", "emergency_zone", 9, 0.5),
    ("nl-municipality", "type", "Gemeenten in Nederland", "Municipalities in the Netherlands",
     "NL", "municipality", 25, 0.9),
]  # fmt: skip
BANDS = ["0-1 h", "1-2 h", "2-4 h", "4-8 h", "8-24 h", "24-48 h", "2-7 d", "> 7 d"]
BAND_SHARES = [0.08, 0.1, 0.12, 0.14, 0.2, 0.1, 0.08, 0.18]
NAMES = re.findall(
    r"\S+",
    "Aartselaar Balen Boechout Bornem Brasschaat Duffel Geel Heist-op-den-Berg Kontich Lier Mol "
    "Olen Aalst Beveren Deinze Eeklo Gavere Hamme Lebbeke Lokeren Ninove Ronse Temse Wetteren "
    "Zele Zottegem Bilzen Genk Hasselt Tongeren",
)


def wave(*parts: object) -> float:
    """A number between -1 and 1 that depends on its arguments only."""
    text = "/".join(map(str, parts))
    return math.sin(sum((i + 1) * ord(c) for i, c in enumerate(text)))


def _is_given(metric: str, platform: str) -> bool:
    """Whether a platform has a metric at all."""
    if metric in ("M01", "M02", "M03"):
        return True
    asks = ("M21", "M22", "M26", "M29", "M30")
    return platform not in (WITHOUT_QUESTIONS if metric in asks else WITHOUT_FOLLOWERS)


def _value(metric: str, platform: str, scale: float, *salt: object) -> float:
    """A plausible value of an organisation or of a group's median."""
    base = TYPICAL[metric] * (1 + 0.45 * wave(metric, platform, *salt))
    if metric == "M05":
        base *= PLATFORMS[platform] * scale
    return base


def group_rows() -> Iterator[tuple]:
    for gid, kind, nl, en, country, type_, members, scale in GROUPS:
        for platform in PLATFORMS:
            n = max(3, round(members * (0.35 + 0.6 * PLATFORMS[platform])))
            for metric, (name_nl, name_en, unit, direction) in METRICS.items():
                for k, month in enumerate(MONTHS):
                    given = _is_given(metric, platform)
                    history = metric in ("M01", "M05", "M06a", "M06b", "M06c")
                    if not history and k < len(MONTHS) - 1:
                        continue
                    small = n < 5 and metric != "M01"
                    stats = dict.fromkeys(("value", "mean", "median", "q1", "q3", "pooled"))
                    if given and not small:
                        stats |= _statistics(metric, platform, scale * (0.94 + k / 200), n, members)
                    yield (
                        gid, kind, nl, en, country, type_, platform, metric, name_nl, name_en, unit,
                        direction, month, stats["value"],
                        None if small or not given
                        else members if metric in ("M01", "M02") else n, members,
                        0.98, stats["mean"], stats["median"], stats["q1"], stats["q3"],
                        stats["pooled"], "T1", "provisional" if k == len(MONTHS) - 1 else "final",
                        "suppressed" if given and small else None if given else "not_applicable",
                        "1", "{}", True, *_interval(metric, stats["value"]),
                    )  # fmt: skip


def _interval(metric: str, value: float | None, width: float = 0.2) -> tuple:
    """A 95 % interval, or two None."""
    if value is None:
        return None, None
    upper = value * (1 + width)
    return value * (1 - width), min(1.0, upper) if METRICS[metric][2] == "share" else upper


def _statistics(metric: str, platform: str, scale: float, n: int, members: int) -> dict:
    if metric in ("M01", "M02", "M22"):
        factor = {"M01": 1.0, "M02": 0.9, "M22": 0.5}[metric]
        return {"value": n / members * factor}
    base = _value(metric if metric in TYPICAL else "M05", platform, scale)
    mean = base * 1.18
    value = {"M06a": base * 0.82, "M06b": mean}.get(metric, base)
    pooled = base * 0.82 if metric in ("M05", "M06a", "M26") else None
    if metric == "M26" and platform == "x":  # more than half of them answer nothing
        value = base = 0.0
    return {
        "value": value, "mean": mean, "median": base, "q1": base * 0.7, "q3": base * 1.35,
        "pooled": pooled,
    }  # fmt: skip


def organisation_rows() -> Iterator[tuple]:
    for index, name in enumerate(NAMES, 1):
        size = ("under_20k", "20k_50k", "over_50k")[(index > 12) + (index > 26)]
        gid = f"be-municipality/size-{size}"
        members = next(g[6] for g in GROUPS if g[0] == gid)
        for platform in PLATFORMS:
            present = index == 1 or PLATFORMS[platform] > 0.25 + 0.3 * wave(name, platform)
            n = max(3, round(members * (0.35 + 0.6 * PLATFORMS[platform])))
            for metric, (name_nl, name_en, unit, direction) in METRICS.items():
                if metric.startswith("M06") or not _is_given(metric, platform):
                    continue
                if not present and metric not in ("M01", "M02"):
                    continue
                if metric in TYPICAL:
                    own = _value(metric, platform, 1.0, name)
                    median = _value(metric, platform, 1.0)
                else:
                    own, median = float(present), None
                missing = None
                if metric in ("M29", "M30") and index % 5 == 4:
                    own, missing = None, "not_applicable"
                q1, q3 = (median * 0.75, median * 1.3) if median and n >= 5 else (None, None)
                position = None
                if own is not None and q1 is not None:
                    position = "below" if own < q1 else "above" if own > q3 else "middle"
                yield (
                    f"be-municipality-{index:02}", name, name, "BE", "municipality", "gemeente",
                    "municipality", "10000" if index < 13 else "40000",
                    "Antwerpen" if index < 13 else "Oost-Vlaanderen", "02000", size,
                    9_000 + 1_700 * index, platform, metric, name_nl, name_en, unit, direction,
                    MONTHS[-1], own, None, None, 12, 0.97, "T1", "provisional", missing, "1", "{}",
                    True, gid, n, members, median if n >= 5 else None, q1, q3, position,
                    *_compared(metric, own, median if n >= 5 else None, position),
                )  # fmt: skip


def _compared(metric: str, own: float | None, median: float | None, position: str | None) -> tuple:
    """percentile to funnel_upper: shares by a funnel, times by intervals, counts by quartiles."""
    basis = {"M26": "funnel", "M21": "funnel", "M29": "interval"}.get(metric, "middle_half")
    interval = _interval(metric, own, 0.3) if basis != "middle_half" else (None, None)
    peers = _interval(metric, median)
    funnel = _interval(metric, median, 0.4) if basis == "funnel" else (None, None)
    reason = (
        "no_figure" if own is None else "yes_or_no" if metric in ("M01", "M02", "M22")
        else "suppressed" if median is None else "no_interval" if metric == "M30" else None
    )  # fmt: skip
    if reason:
        return (None, "grey", None, None, reason, *interval, *peers, *funnel)
    words = {"below": "lower", "above": "higher", "middle": "not_distinguishable"}
    comparison = words[position]
    if basis != "middle_half" and abs(own / median - 1) < 0.45:
        comparison = "not_distinguishable"
    percentile = max(2.0, min(98.0, 50 * own / median))
    colour = ("low", "middle", "high")[min(2, int(percentile / 34))]
    return (percentile, colour, comparison, basis, None, *interval, *peers, *funnel)


def _trend_rows() -> Iterator[tuple]:
    for row in organisation_rows():
        if row[13] == "M05":
            for k, month in enumerate(MONTHS):
                value = row[19] * (0.86 + k / 86)
                median = row[33] * (0.94 + k / 200) if row[33] else None
                yield (row[0], row[1], row[12], month, round(value * row[11] / 100), row[11],
                       value, median, True)  # fmt: skip


def _response_rows() -> Iterator[tuple]:
    bodies = [(g[0], None) for g in GROUPS]
    bodies += sorted({(row[30], row[0]) for row in organisation_rows()})
    for gid, organisation in bodies:
        for platform in sorted(PLATFORMS.keys() - WITHOUT_QUESTIONS):
            weights = [
                share * (1 + 0.5 * wave(gid, organisation, platform, i))
                for i, share in enumerate(BAND_SHARES)
            ]
            for i, weight in enumerate(weights):
                share = weight / sum(weights)
                yield (gid, organisation, platform, MONTHS[-1], BANDS[i], i + 1,
                       round(share * 90), share)  # fmt: skip


def _quality_rows() -> Iterator[tuple]:
    seen = datetime(2026, 9, 30, 20, tzinfo=UTC)
    for i, platform in enumerate(PLATFORMS):
        registered = 400 - 30 * i
        for reason, failed in (("none", 0), ("account_not_found", 3 + i), ("timeout", 1)):
            ok = registered - 4 - i if reason == "none" else 0
            yield (platform, date(2026, 9, 30), registered, ok, failed, reason, seen)


ROWS = {
    "rpt_organisation_metric": organisation_rows, "rpt_group_metric": group_rows,
    "rpt_response_time": _response_rows, "rpt_follower_trend": _trend_rows,
    "rpt_data_quality": _quality_rows,
}  # fmt: skip
