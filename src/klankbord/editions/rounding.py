"""What the figures of groups are rounded to in an edition.

A quantile lies on one member's figure or between two, and a figure to its last bit says whose it
is: of followers by inhabitants, whom everybody can look up, one body alone has a whole number. In
steps that are wider than what one more follower makes, each body has one. A mean is of five bodies
or more, and to its last bit an equation in whole numbers too; of five digits there are many.
"""

from collections.abc import Mapping
from typing import Any

#: significant digits
QUANTILE_DIGITS, MEAN_DIGITS = 3, 5
#: of counts by what everybody can look up: a small count is told by its digits however few
DECIMALS = {"per 100": 1, "per 1000": 1}
QUANTILES = frozenset({"median", "p10", "q1", "q3", "p90", "lower", "upper"})
MEANS = frozenset({"mean", "weighted_mean", "pooled"})


def significant(number: float | None, digits: int) -> float | None:
    """The nearest number of so many significant digits."""
    return None if number is None else float(f"{number:.{digits - 1}e}")


def quantile(number: float | None, unit: str) -> float | None:
    """A quantile as it may be told."""
    found = significant(number, QUANTILE_DIGITS)
    return found if found is None or unit not in DECIMALS else round(found, DECIMALS[unit])


def rounded(figure: Mapping[str, Any], unit: str) -> dict[str, Any]:
    """A group's figure with its statistics rounded; `value` as the mean that it repeats, and else
    as a quantile."""
    found = dict(figure)
    for name in figure.keys() & QUANTILES:
        found[name] = quantile(figure[name], unit)
    for name in figure.keys() & MEANS:
        found[name] = significant(figure[name], MEAN_DIGITS)
    if "value" in figure:
        means = [figure[name] for name in sorted(figure.keys() & MEANS)]
        is_mean = figure["value"] in means and figure["value"] != figure.get("median")
        found["value"] = (
            significant(figure["value"], MEAN_DIGITS)
            if is_mean
            else quantile(figure["value"], unit)
        )
    return found
