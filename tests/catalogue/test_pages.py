"""What is made of the catalogue: pages, dbt's texts and page, dashboards."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from klankbord import catalogue, dashboards
from klankbord.catalogue import (
    LANGUAGES,
    applicability,
    dbt_docs,
    generated,
    page,
    readers,
    wording,
)
from klankbord.cli.main import app
from klankbord.dashboards.bundle import Address
from klankbord.platforms.metrics import registry
from klankbord.settings import PROJECT_ROOT

FOUND = catalogue.read()
#: the figures that existed before platforms had reasons
BEFORE = {
    f"M{end}" for end in ("01", "02", "03", "05", "06a", "06b", "06c", "11", "21", "22", "26")
}
TEXTS = yaml.safe_load((PROJECT_ROOT / "superset_assets/texts.yaml").read_text(encoding="utf-8"))


class _Page(HTMLParser):
    """Ids, links, addresses that a browser would load, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        self.ids += [have["id"] or ""] if "id" in have else []
        if tag == "a":
            self.links.append(have["href"] or "")
        self.loads += [have["src"] or ""] if "src" in have else []
        if tag == "link" and have.get("rel") != "alternate":
            self.loads.append(have["href"] or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(text: str) -> _Page:
    found = _Page()
    found.feed(text)
    return found


@pytest.mark.parametrize("name", list(generated.files(FOUND)))
def test_what_is_committed_is_what_the_code_makes(name: str) -> None:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    assert text == generated.files(FOUND)[name], "run `klankbord metrics write`"


def test_what_is_stale_is_named_and_written(tmp_path: Path) -> None:
    made = generated.files(FOUND)
    assert {f"docs/methodology.{language}.html" for language in ("nl", "fr", "en", "de")} < set(
        made
    )
    assert generated.write(FOUND, tmp_path) == list(made)
    assert generated.write(FOUND, tmp_path) == []
    (tmp_path / "docs/metrics.md").write_text("old", encoding="utf-8")
    assert generated.stale(FOUND, tmp_path) == ["docs/metrics.md"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_every_metric_and_needs_nothing_else(language: str, tmp_path: Path) -> None:
    out = tmp_path / "site" / page.file_name(language)
    told = CliRunner().invoke(app, ["metrics", "page", "--language", language, "--out", str(out)])
    assert told.exit_code == 0
    found = _read(out.read_text(encoding="utf-8"))
    said = " ".join(" ".join(found.words).replace("\u00a0", " ").split())
    for metric in FOUND.metrics:
        assert found.ids.count(metric.metric_id) == 1
        assert metric.name[language] in said
        for text in (metric.description[language], metric.caveat[language]):
            # other metrics are links inside the text, so that blanks may stand around them
            assert text.split(" M")[0].split("(M")[0].strip(" (.") in said
    assert found.loads == [] and "url(" not in out.read_text(encoding="utf-8")
    inside = {link.removeprefix("#") for link in found.links if link.startswith("#")}
    assert inside <= set(found.ids) and inside > {m.metric_id for m in FOUND.metrics}
    assert {link for link in found.links if not link.startswith("#")} == {
        page.file_name(code) for code in LANGUAGES
    }


def test_one_metric_reads_as_it_should() -> None:
    m17 = FOUND["M17"]
    assert wording.formula(FOUND, m17, "nl") == "1000 × keren gedeeld / eigen berichten / volgers"
    lacking = dict(wording.platforms(FOUND, m17, "en"))
    assert list(lacking) == ["Instagram, YouTube", "Website"]
    assert "only the owner" in lacking["Instagram, YouTube"]
    assert wording.parameters(FOUND, FOUND["M26"], "de").startswith(
        "Zusammenfassung: Verhältnis · "
    )
    facts = {fact.key: fact.text for fact in wording.facts(FOUND, FOUND["M05"], "fr")}
    assert facts["tier"] == "T0: profils de tous"
    assert "interval" not in facts and facts["group_interval"].endswith("95 %")


def test_a_page_cannot_be_written_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("", encoding="utf-8")
    out = ["--out", str(tmp_path / "site" / "page.html")]
    said = CliRunner().invoke(app, ["metrics", "page", *out])
    assert said.exit_code == 1
    assert "cannot be written: File exists." in str(said.exception)


def test_dbts_page_is_one_file_that_names_all_metrics() -> None:
    text = dbt_docs.render()
    assert text.startswith("<!doctype html>") or "<html" in text[:200]
    assert len(text) > 2_000_000
    manifest = text[text.index("Klankbord's warehouse") :]
    for metric in FOUND.metrics:
        assert f"{metric.metric_id} \\u00b7 " in manifest or f"{metric.metric_id} · " in manifest
    assert "dim_metric_platform" in text
    assert not re.search(r"<(?:script|link)[^>]+(?:src|href)=.?https?:", text)
    assert str(PROJECT_ROOT) not in text


def test_platforms_that_lack_something_are_those_of_the_registry() -> None:
    """platform_gaps.csv against what platform_metrics.csv says that owners are told of a post."""
    for need in ("reach", "impressions", "link_clicks", "clicks"):
        told = {
            m.platform
            for m in registry()
            if m.canonical_name == need and m.level == "post" and m.valid_to is None
        }
        assert told, need
        lacking = {platform for platform, lacks in FOUND.gaps if lacks == need}
        unread = {p for p, lacks in FOUND.gaps if lacks == applicability.READING}
        assert FOUND.platforms.keys() - lacking - unread == told, need


def test_what_was_no_figure_before_is_none_now() -> None:
    """The flags by which the warehouse left figures out, against the reasons."""
    unread = {p for p, lacks in FOUND.gaps if lacks == applicability.READING}
    for metric in FOUND.metrics:
        if metric.metric_id not in BEFORE:
            continue
        for platform, row in FOUND.platforms.items():
            if platform in unread:
                continue
            flags = (row["has_followers"] == "true" or not metric.needs_followers) and (
                row["has_messages"] == "true" or metric.stream not in ("outgoing", "messages")
            )
            is_applicable = applicability.reason(FOUND, metric, platform) is None
            assert is_applicable == flags, (metric.metric_id, platform)


@pytest.mark.parametrize("language", list(TEXTS))
def test_dashboards_repeat_nothing_of_the_catalogue(language: str) -> None:
    """Names and descriptions of metrics stand in no second place; ids there are known ones."""
    names = {m.name[language] for m in FOUND.metrics} | {
        m.description[language] for m in FOUND.metrics
    }
    texts, repeated = TEXTS[language], []
    waiting = [("", texts)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{where}.{key}", item) for key, item in value.items()]
        elif value in names:
            repeated.append(f"{where}: {value}")
    assert repeated == []
    computed = {m.metric_id for m in FOUND.metrics if m.is_computed}
    for part in ("statistics", "nothing_to_measure", "cases", "next"):
        assert texts[part].keys() <= computed, part
    suffixes = {f["suffix"] for f in readers.formats(FOUND, language)}
    assert {texts["percent"], texts["hours"]} <= suffixes


def test_figures_are_written_in_the_unit_of_the_catalogue() -> None:
    datasets = dashboards.render(Address()).of("datasets")
    sql = datasets["datasets/klankbord/group_metric_nl.yaml"]["sql"]
    sql = sql[: sql.index(" as shown")]  # the same follows for the median and others
    cases = dict(re.findall(r"when metric_id in \(([^)]*)\) then replace\((to_char.*?'\)), ", sql))
    by_metric = {m: form for ids, form in cases.items() for m in re.findall(r"M\w+", ids)}
    assert by_metric["M26"] == "to_char((100 * value)::numeric, 'FM9999990')"
    assert by_metric["M11"] == "to_char((value)::numeric, 'FM9999990.00')"
    assert by_metric["M29"] == "to_char((value)::numeric, 'FM9999990.0')"


def test_every_figure_has_a_way_to_be_written() -> None:
    written = [one for unit in readers.formats(FOUND, "nl") for one in unit["ids"]]
    figures = [m.metric_id for m in FOUND.metrics if m.is_computed and m.grain == "organisation"]
    assert sorted(written) == sorted(figures)
