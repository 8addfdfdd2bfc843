"""An incident's evaluation page: one HTML file in Dutch and English that needs nothing else."""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from klankbord.incidents import page_texts as words
from klankbord.incidents.reading import Evaluation, Row
from klankbord.incidents.timeline import Lane, Mark, picture, sample
from klankbord.settings import LOCAL_ZONE, PROJECT_ROOT

_EVIDENCE = PROJECT_ROOT / "dbt_project" / "seeds" / "incident_evidence.csv"


def page(evaluation: Evaluation) -> str:
    """The whole file."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    views = [_View(evaluation, language) for language in words.LANGUAGES]
    return environment.get_template("page.html.jinja").render(views=views)


def number(value: Any, language: str, digits: int = 1) -> str:
    """A number as the language writes it; what is whole shows no decimals."""
    text = f"{float(value):.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "nl" else text


@cache
def _evidence_names() -> Mapping[str, Mapping[str, str]]:
    with _EVIDENCE.open(encoding="utf-8", newline="") as file:
        return {
            row["evidence"]: {lang: row[f"name_{lang}"] for lang in words.LANGUAGES}
            for row in csv.DictReader(file)
        }


class _View:
    """The page in one language."""

    def __init__(self, evaluation: Evaluation, language: str) -> None:
        self.language = language
        self.t = words.TEXTS[language]
        self.e = evaluation
        self.i = evaluation.incident
        self.counted = [m for m in evaluation.messages if m["is_counted"]]
        self.left_out = [m for m in evaluation.messages if not m["is_counted"]]

    @property
    def heading(self) -> str:
        where = self.i[f"municipality_name_{self.language}"] or self.i["municipality_id"]
        kind = self.i[f"incident_kind_{self.language}"]
        return f"{kind}, {where}"

    @property
    def moment(self) -> str:
        local = self.i["alarmed_at"].astimezone(LOCAL_ZONE)
        return f"{local:%d/%m/%Y %H:%M}" if self.language == "nl" else f"{local:%d %B %Y, %H:%M}"

    @property
    def scale(self) -> str | None:
        name = self.i["scale_name"]
        return words.SCALES.get(name, {}).get(self.language, name)

    @property
    def impact(self) -> str:
        key = {True: "large_yes", False: "large_no", None: "large_unknown"}
        return self.t[key[self.i["has_large_impact"]]]

    @property
    def warnings(self) -> list[str]:
        found = []
        if self.i["is_synthetic"]:
            found.append(self.t["synthetic"])
        if self.i["status"] == "provisional":
            found.append(self.t["provisional"].format(hours=self.i["window_hours"]))
        if self.i["area_basis"] == "nearest":
            km = number(self.i["area_distance_km"], self.language)
            found.append(self.t["nearest"].format(km=km))
        return found

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """(figure, what it is, of what) of the three that are read first."""
        i, t = self.i, self.t
        if i["first_delay_minutes"] is None:
            first = ("–", t["first"], t["nobody"])
        else:
            by = t["first_by"].format(
                who=i[f"first_organisation_name_{self.language}"],
                where=self.platform(i["first_platform"]),
            )
            first = (self.minutes(i["first_delay_minutes"]), t["first"], by)
        in_time = (
            f"{i['bodies_within_norm']} / {i['observed_bodies']}",
            t["in_time"].format(norm=i["norm_minutes"]),
            t["in_time_of"].format(n=i["observed_bodies"]),
        )
        if i["partners"]:
            passed = (
                f"{i['amplifying_partners']} / {i['partners']}",
                t["amplified"],
                t["amplified_of"].format(n=i["partners"]),
            )
        else:
            passed = ("–", t["amplified"], t["amplified_none"])
        return [first, in_time, passed]

    @property
    def how(self) -> str:
        return self.t["how_text"].format(hours=self.i["window_hours"])

    def platform(self, name: str | None) -> str:
        return words.PLATFORMS.get(name or "", words.WEBSITE[self.language]) if name else ""

    def role(self, name: str) -> str:
        return words.ROLES[name][self.language]

    def name(self, row: Row) -> str:
        return str(row[f"organisation_name_{self.language}"])

    def minutes(self, value: Any) -> str:
        """Minutes and, under an hour, seconds: 4 min 57 s is in time and must not read as 5."""
        if value is None:
            return ""
        if value >= 60:
            return f"{number(value, self.language, 0)} {self.t['minutes']}"
        whole, seconds = divmod(int(float(value) * 60 + 1e-6), 60)
        parts = [f"{whole} {self.t['minutes']}"] if whole else []
        if seconds or not whole:
            parts.append(f"{seconds} s")
        return " ".join(parts)

    def reason(self, row: Row) -> str:
        return words.REASONS[row["missing_reason"]][self.language] if row["missing_reason"] else ""

    def level(self, row: Row) -> str:
        return words.LEVELS[row["match_level"]][self.language] if row["match_level"] else ""

    def kind(self, row: Row) -> str:
        return words.KINDS[row["message_kind"]][self.language]

    def confidence(self, row: Row) -> str:
        if row["confidence"] is None:
            return ""
        return f"{number(row['confidence'], self.language, 2)} · {self.level(row)}"

    def yes_no(self, value: bool | None) -> str:
        return self.t[{True: "yes", False: "no", None: "unknown"}[value]]

    def evidence(self, row: Row) -> str:
        names = [name for name in (row["evidence"] or "").split(",") if name]
        return "; ".join(_evidence_names()[name][self.language] for name in names)

    def channels(self, organisation: Row) -> list[Row]:
        """Its channels, without the platforms on which it has no account."""
        return [
            c
            for c in self.e.channels
            if c["organisation_id"] == organisation["organisation_id"]
            and c["missing_reason"] != "no_account"
        ]

    def without(self, organisation: Row) -> str:
        names = [
            self.platform(c["platform"])
            for c in self.e.channels
            if c["organisation_id"] == organisation["organisation_id"]
            and c["missing_reason"] == "no_account"
        ]
        return self.t["without"].format(names=", ".join(names)) if names else self.t["everywhere"]

    @property
    def timeline(self) -> str:
        return picture(
            list(self._lanes()),
            self.i["norm_minutes"],
            60 * self.i["window_hours"],
            {"norm": self.t["norm"], "label": self.t["timeline"]},
        )

    @property
    def legend(self) -> list[tuple[str, str]]:
        return [
            (sample("first_in"), self.t["legend_in"]),
            (sample("first_late"), self.t["legend_late"]),
            (sample("update"), self.t["legend_update"]),
            (sample("repeat"), self.t["legend_repeat"]),
            (sample("unseen"), self.t["legend_unseen"]),
        ]

    def _lanes(self) -> Iterator[Lane]:
        concerned = set()
        for row in self.e.organisations:
            body = row["organisation_id"]
            concerned.add(body)
            mine = [m for m in self.counted if m["organisation_id"] == body]
            is_unseen = row["missing_reason"] in ("not_observed", "refused")
            note = "" if mine else self.reason(row)
            yield Lane(
                self.name(row),
                self.role(row["body_role"]),
                list(self._marks(mine, row["is_within_norm"])),
                note,
                is_unseen,
            )
        others: dict[str, list[Row]] = {}
        for message in self.counted:
            if message["organisation_id"] not in concerned:
                others.setdefault(message["organisation_id"], []).append(message)
        for mine in others.values():
            yield Lane(
                self.name(mine[0]),
                self.role(mine[0]["body_role"]),
                list(self._marks(mine, None)),
            )

    def _marks(self, messages: list[Row], is_within: bool | None) -> Iterator[Mark]:
        """`is_within` None: the clock does not run for it, so its messages are updates."""
        is_first = is_within is not None
        for message in messages:
            where = self.platform(message["platform"])
            title = f"{self.minutes(message['minute'])} · {where} · {self.kind(message)}"
            if message["message_kind"] != "own":
                yield Mark(message["minute"], "repeat", title)
            else:
                first = "first_in" if is_within else "first_late"
                yield Mark(message["minute"], first if is_first else "update", title)  # type: ignore[arg-type]
                is_first = False
