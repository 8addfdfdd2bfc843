"""The printed table of the 2016 study, line by line, and which figure of an edition is which.

Data and arithmetic over an edition's exported CSV files, nothing else: tests/study computes it, and
docs/study-2016.md shows it (`python -m klankbord.sandbox.study_2016_table` prints that table).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

FLEMISH, DUTCH = "be-municipality/region-02000", "nl-municipality"
SMALL, MIDDLE, LARGE = (
    f"be-municipality/size-{name}" for name in ("under_20k", "20k_50k", "over_50k")
)
QUARTER = "2016-Q2"


@dataclass(frozen=True)
class Figure:
    """A printed figure and where an edition has it.

    where: column -> text that a row must have (`name*`: begin with; `a|b`: one of). how: `row`, the
    only row's `column`; `mean` of it over the rows; `pooled`, its mean weighted with n. tolerance:
    of what was printed as "about", in units of the printed number.
    """

    key: str
    what: str
    printed: str
    table: str
    where: Mapping[str, str]
    column: str = "value"
    how: Literal["row", "mean", "pooled"] = "row"
    audience: Literal["public", "members"] = "public"
    scale: int = 1
    unit: str = " %"
    tolerance: float = 0.0
    note: str = ""
    decimals: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decimals", len(self.printed.partition(".")[2]))

    def value(self, folder: Path) -> float:
        """The edition's figure, from the files in `folder`."""
        rows = [row for row in _rows(folder / f"{self.table}.csv") if self._is_mine(row)]
        if not rows or (self.how == "row" and len(rows) > 1):
            raise LookupError(f"{self.key}: {len(rows)} rows of {self.table}.csv are it")
        if empty := [row for row in rows if row[self.column] == ""]:
            why = empty[0].get("missing_reason")
            raise LookupError(f"{self.key}: {len(empty)} of {len(rows)} rows are empty ({why})")
        weights = [int(row["n"]) if self.how == "pooled" else 1 for row in rows]
        total = sum(
            weight * float(row[self.column]) for weight, row in zip(weights, rows, strict=True)
        )
        return self.scale * total / sum(weights)

    def shown(self, folder: Path) -> str:
        """The same, written as the study printed it."""
        return f"{self.value(folder):,.{self.decimals}f}"

    def _is_mine(self, row: Mapping[str, str]) -> bool:
        return all(
            row[column].startswith(text[:-1]) if text.endswith("*") else row[column] in
            text.split("|")
            for column, text in self.where.items()
        )  # fmt: skip

    @property
    def place(self) -> str:
        """Where it is, in words."""
        kept = {c: t for c, t in self.where.items() if c not in ("period", "definition_id")}
        of = ", ".join(" + ".join(f"`{t}`" for t in text.split("|")) for text in kept.values())
        definition = self.where.get("definition_id", "klankbord")
        by = "" if definition == "klankbord" else f", definition `{definition}`"
        return f"{of}{by}"

    @property
    def statistic(self) -> str:
        words = {"row": "", "mean": "mean of ", "pooled": "mean by n of "}
        return f"{words[self.how]}`{self.column}`"


@cache
def _rows(file: Path) -> Sequence[Mapping[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _of_group(metric: str, group: str, platform: str, definition: str = "klankbord"):
    return {"metric_id": metric, "group_id": group, "platform": platform, "period": QUARTER,
            "definition_id": definition}  # fmt: skip


def _presence(key: str, what: str, printed: str, group: str, platform: str, **more) -> Figure:
    return Figure(f"{key}_{platform}", what, printed, "group_metric",
                  _of_group("M01", group, platform), scale=100, **more)  # fmt: skip


def _survey(key: str, what: str, printed: str) -> Figure:
    where = {"survey_id": "study-2016", "subquestion_code": key, "group_id": "all"}
    return Figure(f"survey_{key}", f"survey: {what}", printed, "survey_share", where,
                  "unweighted_share", scale=100)  # fmt: skip


def _response(kind: str, what: str, printed: str) -> Figure:
    where = {"survey_id": "study-2016", "group_id": f"be-{kind}"}
    return Figure(f"response_{kind}", f"survey: {what} that answered, of those asked", printed,
                  "survey_response", where, "response_rate", scale=100)  # fmt: skip


def _responses(kind: str, what: str, printed: str) -> Figure:
    where = {"survey_id": "study-2016", "group_id": f"be-{kind}"}
    return Figure(f"responses_{kind}", f"survey: {what} that answered", printed,
                  "survey_response", where, "responses", unit="")  # fmt: skip


def _figures() -> Iterator[Figure]:
    towns = {"country": "BE", "organisation_type": "municipality"}
    yield Figure("inhabitants", "average municipality: inhabitants", "21,032", "organisation",
                 towns, "inhabitants", "mean", unit="")  # fmt: skip
    for platform, who, mean, ratio in (
        ("facebook", "Facebook fans", "2,257", "10.7"), ("x", "Twitter followers", "1,288", "6.1"),
    ):  # fmt: skip
        own = {"metric_id": "M05", "organisation_id": "be-municipality*", "platform": platform,
               "period": QUARTER, "definition_id": "klankbord"}  # fmt: skip
        yield Figure(f"followers_{platform}", f"average municipality: {who}", mean,
                     "organisation_metric", own, "numerator", "mean", "members", unit="",
                     note="of those with an account")  # fmt: skip
        yield Figure(f"ratio_{platform}", f"{who} by inhabitants, ratio of means", ratio,
                     "group_metric", _of_group("M06a", FLEMISH, platform), "pooled")  # fmt: skip
    yield _presence("census", "municipalities with a Facebook page", "73", FLEMISH, "facebook")
    yield _presence("census", "municipalities with a Twitter account", "65", FLEMISH, "x")
    yield _presence("large", "over 50,000 inhabitants, on Facebook", "100", LARGE, "facebook")
    yield _presence("large", "over 50,000 inhabitants, on Twitter", "100", LARGE, "x")
    yield Figure("rest_facebook", "the rest, on Facebook", "75", "group_metric",
                 _of_group("M01", f"{SMALL}|{MIDDLE}", "facebook"), "mean", "pooled", scale=100,
                 tolerance=5, note='printed as "about"')  # fmt: skip
    yield _presence("middle", "20,000 to 50,000 inhabitants, on Twitter", "75", MIDDLE, "x")
    yield _presence("small", "under 20,000 inhabitants, on Twitter", "59", SMALL, "x")
    for platform, title, printed in (("facebook", "Facebook", "31"), ("x", "Twitter", "11")):
        yield Figure(f"interact_{platform}", f"small municipalities that interact on {title}",
                     printed, "group_metric", _of_group("M22", SMALL, platform), scale=100,
                     note="share of organisations, not of messages")  # fmt: skip
    yield Figure("response_hours", "average response time on Twitter", "19", "group_metric",
                 _of_group("M30", FLEMISH, "x", "study_2016"), "pooled", unit=" hours",
                 note="calendar clock, answered only")  # fmt: skip
    yield _presence("dutch", "Dutch municipalities on Facebook", "90", DUTCH, "facebook")
    yield _presence("dutch", "Dutch municipalities on Twitter", "99", DUTCH, "x")
    for kind, what, count, rate in (
        ("municipality", "municipalities", "119", "49.4"), ("ocmw", "OCMW", "44", "24.3"),
        ("police_zone", "police zones", "30", "25.6"),
        ("emergency_zone", "emergency zones", "5", "25"),
    ):  # fmt: skip
        yield _responses(kind, what, count)
        yield _response(kind, what, rate)
    yield _survey("active", 'say they are "active"', "95")
    yield _survey("answers", "answer questions", "78")
    yield _survey("participation", "let inhabitants take part", "15")
    yield _survey("discussion", "enter a discussion", "24")
    yield _survey("community", "build a community", "36")
    yield _survey("department", "leave it to the communication department", "82")
    yield _survey("knowledge", "barrier: knowledge", "62")
    yield _survey("time", "barrier: time", "54")
    yield _survey("budget", "barrier: budget", "52")
    yield _survey("snapchat", "on Snapchat", "14")


FIGURES: Mapping[str, Figure] = {figure.key: figure for figure in _figures()}


def markdown() -> str:
    """The table of docs/study-2016.md."""
    lines = ["| printed | figure | in the edition | statistic |", "|---|---|---|---|"]
    for one in FIGURES.values():
        about = "about " if one.tolerance else ""
        note = f" ({one.note})" if one.note else ""
        file = f"{one.table}.csv" + (" (members)" if one.audience == "members" else "")
        lines.append(
            f"| {about}{one.printed}{one.unit} | {one.what}{note} | {file}: {one.place} |"
            f" {one.statistic} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(), end="")
