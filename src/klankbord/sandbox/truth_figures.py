"""What the truth is told in: an organisation's figure, and the period that it is of."""

from dataclasses import dataclass
from datetime import date, timedelta


def start_of(kind: str, day: date) -> date:
    """The first day of the month or quarter that a day lies in."""
    month = day.month if kind == "month" else (day.month - 1) // 3 * 3 + 1
    return date(day.year, month, 1)


def next_period(kind: str, first: date) -> date:
    """The first day of the period after the one that begins on `first`."""
    return start_of(kind, first + timedelta(days=31 if kind == "month" else 95))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one organisation. `value` None: there is none; numerator and denominator are None
    where the value is no ratio (a median) or there is no value. coverage, access_tier and status as
    truth_provenance tells them."""

    organisation_id: str
    platform: str
    metric_id: str
    period_start: date
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    n_cases: int | None = None
    period_kind: str = "month"
    coverage: float | None = None
    access_tier: str | None = None
    status: str | None = None

    @property
    def is_unseen(self) -> bool:
        """Nothing was read of it; without a value it is otherwise not applicable."""
        return self.value is None and self.n_cases is None


@dataclass(frozen=True, slots=True)
class Period:
    """An organisation's month or quarter on a platform; `last` is its last day up to the latest
    scan, `end` its last day."""

    organisation_id: str
    platform: str
    kind: str
    first: date
    last: date

    @property
    def end(self) -> date:
        return next_period(self.kind, self.first) - timedelta(days=1)

    def missing(self, metric_id: str) -> Figure:
        """Not observed."""
        return Figure(
            self.organisation_id, self.platform, metric_id, self.first, period_kind=self.kind
        )

    def figure(
        self,
        metric_id: str,
        value: float | None,
        numerator: float | None = None,
        denominator: float | None = None,
        n_cases: int | None = None,
    ) -> Figure:
        return Figure(
            self.organisation_id, self.platform, metric_id, self.first, value, numerator,
            denominator, n_cases, self.kind,
        )  # fmt: skip

    def ratio(self, metric_id: str, top: float, bottom: float, n_cases: int) -> Figure:
        """top / bottom; without a value when bottom is 0: not applicable."""
        return self.figure(metric_id, top / bottom if bottom else None, top, bottom, n_cases)
