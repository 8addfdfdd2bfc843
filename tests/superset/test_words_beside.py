"""What the tiles say of shares of posts, alikeness, visits and mergers; no Superset."""

import re

from klankbord.dashboards.bundle import ASSETS, read_yaml
from tests.superset.conftest import Read

TEXTS = read_yaml(ASSETS / "texts.yaml")


def test_shares_of_posts_beside_an_even_share(read: Read) -> None:
    words = TEXTS["nl"]
    rows = {(r["organisation_name"], r["platform_name"]): r for r in read("post_share_nl")}
    own = rows["Aartselaar", "Facebook"]
    # one of the 19 that have a figure: an even share is a nineteenth
    assert (own["share_shown"], own["even_shown"], own["peers_shown"]) == (
        "1,8 %", "5,3 %", "19 van 20",
    )  # fmt: skip
    assert (own["own_posts_shown"], own["group_posts_shown"]) == ("15", "827")
    # the mark is that of the posts per day
    rates = {(r["organisation_name"], r["platform_name"]): r["mark"]
             for r in read("organisation_metric_nl") if r["metric_id"] == "M03"}  # fmt: skip
    shown = {key: row for key, row in rows.items() if row["has_share"]}
    marks = {row["verdict_said"][0] for row in shown.values()}
    assert marks == {"▼", "▲", "●"}
    assert all(row["verdict_said"][0] == rates[key] for key, row in shown.items())
    # two bars of one body have one measure, and the longest is whole
    assert max(max(r["own_bar"], r["even_bar"]) for k, r in shown.items() if k[0] == "Mol") == 100
    missing = {r["missing_said"] for r in rows.values() if r["has_row"] and not r["has_share"]}
    assert missing == {words["share_reasons"]["suppressed"], words["share_reasons"]["not_observed"]}
    # number 9 has no account that is read: one row of its own says so
    assert [name for (name, _), r in rows.items() if not r["has_row"]] == ["Kontich"]


def test_in_what_peers_are_alike(read: Read) -> None:
    words = TEXTS["en"]["peers"]
    rows = read("peer_variable_en")
    found = {r["variable_name"]: r for r in rows if r["organisation_name"] == "Aartselaar"}
    assert list(sorted(found, key=lambda name: found[name]["variable_order"])) == [
        "inhabitants", "region", "channels with an account", "province",
    ]  # fmt: skip
    size = found["inhabitants"]
    assert (size["own_shown"], size["peers"], size["weight_shown"]) == ("10,700", 12, "weight 2")
    assert re.fullmatch(r"\d\d,\d{3} to \d\d,\d{3}", size["theirs_shown"])
    # the smallest of all has nobody below it: no fair comparison
    assert size["apart"] == words["smaller"]
    amid = {r["variable_name"]: r["apart"] for r in rows if r["organisation_name"] == "Aalst"}
    assert amid["inhabitants"] == ""
    assert found["region"]["theirs_shown"] == f"12 of 12 {words['same']}"
    assert found["province"]["weight_shown"] == words["no_weight"]
    assert {r["apart"] for r in rows} == {"", words["smaller"], words["larger"]}
    assert all("latitude" not in r["variable_name"] for r in rows)


def test_visits_are_of_a_month_that_is_over(read: Read) -> None:
    words = TEXTS["nl"]
    rows = read("web_visits_nl")
    own = sorted((r for r in rows if r["organisation_name"] == "Aalst"),
                 key=lambda row: row["network_order"])  # fmt: skip
    assert {(r["month_name"], r["status_name"]) for r in own} == {("augustus 2026", "definitief")}
    assert [(r["network_name"], r["visits_shown"], r["change_said"]) for r in own][:4] == [
        ("alle samen", "2.445", "+14 % (van 2.145 naar 2.445)"),
        ("Facebook", "1.840", "+14 % (van 1.610 naar 1.840)"),
        ("Instagram", "420", "-8 % (van 455 naar 420)"),
        ("WhatsApp", "96", words["visits_no_change"]["not_applicable"]),
    ]
    young = {r["change_said"] for r in rows if r["organisation_name"] == "Balen"}
    assert young == {words["visits_no_change"]["not_observed"], ""}
    refused = [r for r in rows if r["has_row"] and not r["has_visits"]]
    assert [(r["organisation_name"], r["missing_said"], r["next_missing"]) for r in refused] == [
        ("Boechout", words["visits_reasons"]["refused"], words["next_missing"]["refused"]),
    ]  # fmt: skip
    assert (
        sum(not row["has_row"] for row in rows) == len({r["organisation_name"] for r in rows}) - 3
    )


def test_mergers_are_named_from_map_to_figures(read: Read) -> None:
    rows = read("territory_en")
    rows.sort(key=lambda row: row["merger_order"])
    columns = ("map_name", "territory_name", "body_names", "months_shown")
    named = [tuple(row[column] for column in columns) for row in rows if row["has_row"]]
    months = "2025-09 to 2026-09"
    # Olen got another code and is no merger
    assert named == [
        ("Map of 2019", "Balen + Dessel", "Balen", months),
        ("Map of 2019", "Mol + Retie", "Mol", months),
        ("Map of 2025", "Beveren-Zele", "Beveren + Zele", "2024-12"),
    ]
    without = {(r["country_name"], r["type_name"]) for r in rows if not r["has_row"]}
    assert ("Belgium", "Police zone") in without and ("Belgium", "Municipality") not in without
