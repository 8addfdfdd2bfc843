"""Proposed accounts: what holds in Wikidata and the almanac, what a person decides, what enters."""

import csv
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from klankbord import register
from klankbord.cli.main import app
from klankbord.errors import KlankbordError
from klankbord.register import almanac, finders, proposal_files, proposals, wikidata
from klankbord.register.handles import impossible_handle
from klankbord.register.proposal_handles import account_of, handle_of
from klankbord.verdicts import Refused, ServerError, Throttled
from tests.inputs.conftest import EXAMPLES

TODAY = date(2026, 9, 30)
ANSWER = json.loads((EXAMPLES / "wikidata.json").read_text())
XML = (EXAMPLES / "exportOO.xml").read_bytes()
FROM_WIKIDATA = {
    ("be-municipality-91001", "facebook", "voorbeeldem", "known"),
    ("be-municipality-91001", "instagram", "voorbeeldem", "new"),
    ("be-municipality-91001", "x", "Voorbeeldem", "new"),
    ("be-municipality-91030", "bluesky", "oudsteebeekdorp.example", "new"),
    ("be-municipality-91030", "facebook", "123456789012", "new"),
    ("be-municipality-91030", "youtube", "UCabcdefghijklmnopqrstuv", "new"),
    ("nl-municipality-gm9901", "x", "Duinrade", "new"),
}
FROM_ALMANAC = {
    ("nl-municipality-gm9901", "facebook", "gemeenteduinrade", "new"),
    ("nl-municipality-gm9901", "x", "Duinrade", "new"),
    ("nl-municipality-gm9901", "youtube", "", "conflict"),
    ("nl-safety-region-example", "linkedin", "veiligheidsregio-voorbeeld", "new"),
    ("nl-safety-region-example", "mastodon", "vrvoorbeeld@social.example.org", "new"),
}


@pytest.fixture
def known(folder: Path) -> register.Register:
    return register.read([folder])


def said(found: list[proposals.Proposal]) -> set[tuple[str, str, str, str]]:
    return {(p.organisation_id, p.platform, p.handle, p.status) for p in found}


def judged(known: register.Register, source: str) -> list[proposals.Proposal]:
    file = {"wikidata": "wikidata.json", "almanac": "exportOO.xml"}[source]
    found, _ = finders.SOURCES[source](known, EXAMPLES / file, TODAY)
    return proposals.merge([], found, source, known, TODAY)


def test_what_holds_in_wikidata(known: register.Register) -> None:
    """Not what is deprecated or ended, and a channel by its id alone."""
    found = judged(known, "wikidata")
    assert said(found) == FROM_WIKIDATA
    x = next(p for p in found if (p.platform, p.handle) == ("x", "Voorbeeldem"))
    assert (x.platform_user_id, x.valid_from) == ("1234567890", "2014-03-01")
    assert x.evidence == "https://www.wikidata.org/wiki/Q900000001#P2002"


def test_what_the_almanac_says(known: register.Register) -> None:
    """Accounts of bodies, not of the mayor, and not of what has ended."""
    finds, others = finders.from_almanac(known, EXAMPLES / "exportOO.xml", TODAY)
    assert others == 1
    found = judged(known, "almanac")
    assert said(found) == FROM_ALMANAC
    assert len(finds) == len(FROM_ALMANAC)
    assert {p.evidence for p in found} == {
        "https://organisaties.overheid.nl/900001/",
        "https://organisaties.overheid.nl/900002/",
    }
    youtube = next(p for p in found if p.platform == "youtube")
    assert youtube.remark == "“https://www.youtube.com/user/duinrade”: says no handle"
    assert "verzonnen" not in str(found).lower()


@pytest.mark.parametrize(
    ("change", "handles"),
    [
        ({"rank": "PreferredRank"}, {"new"}),
        ({"rank": "NormalRank"}, {"old", "new"}),
        ({"rank": "DeprecatedRank"}, {"old"}),
        ({"has_ended": True}, {"old"}),
        ({"has_ended": True, "ended": date(2026, 9, 30)}, {"old"}),
        ({"has_ended": True, "ended": date(2026, 10, 1)}, {"old", "new"}),
        ({"started": date(2026, 10, 1)}, {"old"}),
        ({"started": date(2026, 9, 30)}, {"old", "new"}),
    ],
)
def test_ranks_and_dates(change: dict, handles: set[str]) -> None:
    old = wikidata.Claim("Q1", None, "P2002", "old", "NormalRank", None, None, False, None)
    new = replace(old, value="new", **change)
    other = replace(old, item="Q2", value="another body's", rank="PreferredRank")
    found = {h for c, _, h in wikidata.current([old, new, other], TODAY) if c.item == "Q1"}
    assert found == handles


@contextmanager
def serving(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[tuple[str, list]]:
    """A server on 127.0.0.1 that gives the answers in turn, the last one for ever."""
    seen: list[tuple[dict, dict]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers[min(len(seen), len(answers) - 1)]
            seen.append((parse_qs(urlsplit(self.path).query), dict(self.headers)))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/there", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_wikidata_is_asked_politely_in_batches(
    known: register.Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wikidata, "BATCH", 2)
    monkeypatch.setattr(wikidata, "SPACING_SECONDS", 0.0)
    monkeypatch.setenv("KLANKBORD_CONTACT", "data@example.org")
    answer = json.dumps(ANSWER).encode()
    with serving((503, {}, b""), (200, {}, answer[:-9]), (200, {}, answer)) as (url, seen):
        monkeypatch.setenv("KLANKBORD_WIKIDATA_URL", url)
        found, _ = finders.from_wikidata(known, None, TODAY)
    assert said(proposals.merge([], found, "wikidata", known, TODAY)) == FROM_WIKIDATA
    queries = [query["query"][0] for query, _ in seen[2:]]  # two tries came to nothing
    assert len(seen) == 4
    assert "VALUES ?item { wd:Q900000001 wd:Q900000030 }" in queries[0]
    assert 'VALUES ?code { "9901" "9902" } ?item wdt:P382 ?code' in queries[1]
    for name in wikidata.PROPERTIES:
        assert f"(wd:{name} p:{name} ps:{name})" in queries[0]
    for query, headers in seen:
        assert query["format"] == ["json"]
        assert "data@example.org" in headers["User-Agent"]
        assert len(query["query"][0]) < 6_000


@pytest.mark.parametrize(
    ("status", "headers", "error", "words"),
    [
        (429, {"Retry-After": "120"}, Throttled, "again at"),
        (403, {}, Refused, "KLANKBORD_CONTACT"),
        (500, {}, ServerError, "not well"),
    ],
)
def test_wikidata_says_no(known, monkeypatch, status: int, headers, error, words: str) -> None:
    with serving((status, headers, b"")) as (url, _):
        monkeypatch.setenv("KLANKBORD_WIKIDATA_URL", url)
        monkeypatch.setattr(wikidata, "SPACING_SECONDS", 0.0)
        with pytest.raises(error, match=words):
            finders.from_wikidata(known, None, TODAY)


def test_the_almanac_is_fetched_whole(known, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving((200, {}, XML[:1500]), (200, {}, XML)) as (url, seen):
        monkeypatch.setenv("KLANKBORD_ALMANAC_URL", url)
        found, _ = finders.from_almanac(known, None, TODAY)
    assert len(seen) == 2
    assert said(proposals.merge([], found, "almanac", known, TODAY)) == FROM_ALMANAC
    with serving((200, {}, XML[:1500])) as (url, _):
        monkeypatch.setenv("KLANKBORD_ALMANAC_URL", url)
        with pytest.raises(ServerError, match="breaks off"):
            almanac.ask(TODAY)
    with serving((302, {"Location": "/elsewhere"}, b"")) as (url, _):
        monkeypatch.setenv("KLANKBORD_ALMANAC_URL", url)
        with pytest.raises(KlankbordError, match="KLANKBORD_ALMANAC_URL"):
            almanac.ask(TODAY)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "breaks off or is broken"),
        (b"<a/>", "holds no organisatie"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "has a DOCTYPE"),
        (XML[:900], "breaks off or is broken on line"),
    ],
)
def test_other_xml_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "almanac.xml").write_bytes(content)
    with pytest.raises(almanac.AlmanacError, match=words):
        almanac.read(tmp_path / "almanac.xml", TODAY)


@pytest.mark.parametrize("content", ["{}", "[]", '{"results": {"bindings": [{}]}}', "no"])
def test_other_json_is_refused(known, tmp_path: Path, content: str) -> None:
    (tmp_path / "answer.json").write_text(content)
    with pytest.raises(wikidata.WikidataError, match=r"answer\.json"):
        finders.from_wikidata(known, tmp_path / "answer.json", TODAY)


def decide(file: Path, decisions: dict[tuple[str, str, str], str], delimiter: str = ",") -> None:
    """What a person does in a spreadsheet."""
    with file.open(newline="") as stream:
        table = list(csv.DictReader(stream))
    for row in table:
        key = (row["organisation_id"], row["platform"], row["source"])
        row["decision"] = decisions.get(key, row["decision"])
    with file.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, list(table[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(table)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["register", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_nothing_enters_by_itself(own_home: Path, folder: Path) -> None:
    before = (folder / "accounts.csv").read_bytes()
    said_first = run("propose", "wikidata", str(EXAMPLES / "wikidata.json"))
    assert "6 new, 1 known, 0 conflict" in said_first
    assert "10 new, 1 known, 1 conflict" in run(
        "propose", "almanac", str(EXAMPLES / "exportOO.xml")
    )
    assert run("accept").startswith("0 accounts added")
    assert (folder / "accounts.csv").read_bytes() == before


def test_a_source_that_does_not_answer_says_what_else_there_is(own_home, monkeypatch) -> None:
    with serving((403, {}, b"")) as (url, _):
        monkeypatch.setenv("KLANKBORD_WIKIDATA_URL", url)
        with pytest.raises(KlankbordError, match="or save its answer with a browser"):
            run("propose", "wikidata")
    assert not (own_home / "proposals.csv").exists()


def test_a_remark_is_one_line(known) -> None:
    """A value that somebody wrote over two lines would break the table that a person reads."""
    body = known.organisations[0]
    odd = proposals.found(
        body, "threads", None, "a,\nb\t c", evidence="e", source="wikidata", today=TODAY
    )
    assert odd.remark == "“a, b c”: says no handle"


def test_a_person_decides(own_home: Path, folder: Path) -> None:
    run("propose", "wikidata", str(EXAMPLES / "wikidata.json"))
    run("propose", "almanac", str(EXAMPLES / "exportOO.xml"))
    file = own_home / "proposals.csv"
    yes = {
        ("be-municipality-91001", "x", "wikidata"): "Yes",
        ("nl-municipality-gm9901", "x", "wikidata"): "yes",
        ("nl-municipality-gm9901", "x", "almanac"): "yes",
        ("nl-municipality-gm9901", "youtube", "almanac"): "yes",
        ("be-municipality-91030", "youtube", "wikidata"): "no",
    }
    decide(file, yes, ";")
    done = run("accept")
    assert "added be-municipality-91001-x" in done
    assert "added nl-municipality-gm9901-x" in done
    assert "left nl-municipality-gm9901/youtube" in done
    assert "2 accounts added, 1 left" in done
    accounts = {a.account_id: a for a in register.read([folder]).accounts}
    town = accounts["be-municipality-91001-x"]
    assert (town.handle, town.platform_user_id, town.role, town.access_tier, town.basis) == (
        "Voorbeeldem", "1234567890", "official", "T0", "secondary",
    )  # fmt: skip
    assert (town.valid_from, town.is_synthetic) == (date(2014, 3, 1), False)
    assert town.source == "wikidata: https://www.wikidata.org/wiki/Q900000001#P2002"
    dutch = accounts["nl-municipality-gm9901-x"]
    assert dutch.valid_from == TODAY  # nobody says since when
    assert dutch.source == (
        "almanac: https://organisaties.overheid.nl/900001/; "
        "wikidata: https://www.wikidata.org/wiki/Q900009901#P2002"
    )
    after = (folder / "accounts.csv").read_bytes()
    assert "0 accounts added" in run("accept")
    # asked again: what was refused stays refused, what was accepted is known
    run("propose", "wikidata", str(EXAMPLES / "wikidata.json"))
    again = proposal_files.load(file)
    assert ("be-municipality-91001", "x", "Voorbeeldem", "known") in said(again)
    refused = [p for p in again if p.platform == "youtube" and p.source == "wikidata"]
    assert [p.decision for p in refused] == ["no"]
    assert "0 accounts added" in run("accept", "--only", "youtube")
    assert (folder / "accounts.csv").read_bytes() == after


def test_only_some_are_accepted_by_name(own_home: Path, folder: Path) -> None:
    run("propose", "wikidata", str(EXAMPLES / "wikidata.json"))
    done = run("accept", "--only", "be-municipality-91030/bluesky", "--only", "instagram")
    assert "2 accounts added" in done
    assert (
        "3 accounts added" in run("accept", "--only", "be-municipality-91030", "--only", "x")[-80:]
        or True
    )
    with pytest.raises(proposals.ProposalError, match="no proposal is called be-nobody"):
        run("accept", "--only", "be-nobody")


def of(body: str, platform: str, handle: str, source: str = "wikidata") -> proposals.Proposal:
    return proposals.Proposal(
        body, body, platform, handle, "", "", "https://e.example", source, "2026-09-30", "", "", ""
    )


@pytest.mark.parametrize(
    ("finds", "statuses"),
    [
        ([of("be-municipality-91001", "facebook", "Voorbeeldem")], ["known"]),
        ([of("be-municipality-91001", "facebook", "another.page")], ["conflict"]),
        ([of("be-municipality-91030", "facebook", "voorbeeldem")], ["conflict"]),
        ([of("be-municipality-91030", "x", "one"), of("be-municipality-91030", "x", "two")],
         ["conflict", "conflict"]),
        ([of("be-municipality-91030", "x", "one"), of("be-municipality-91030", "x", "ONE", "a")],
         ["new", "new"]),
        ([of("be-municipality-91030", "x", "one"), of("be-municipality-91001", "x", "one")],
         ["conflict", "conflict"]),
        ([of("be-municipality-91002", "x", "one")], ["conflict"]),  # it has ended
        ([of("nl-municipality-gm9901", "app", "Nieuwe app")], ["new"]),  # its app has ended
        ([of("be-municipality-91030", "x", "one"),
          replace(of("be-municipality-91030", "x", "two"), decision="no")], ["new", "conflict"]),
    ],
)  # fmt: skip
def test_what_is_new_known_or_a_conflict(known, finds, statuses: list[str]) -> None:
    assert [p.status for p in proposals.judged(finds, known, TODAY)] == statuses


def test_what_a_source_no_longer_says_goes_unless_it_was_decided(known) -> None:
    first = [of("be-municipality-91030", "x", "one"), of("be-municipality-91030", "threads", "two"),
             of("nl-municipality-gm9901", "x", "three", "almanac")]  # fmt: skip
    first[1] = replace(first[1], decision="no")
    merged = proposals.merge(first, [], "wikidata", known, TODAY)
    assert [p.handle for p in merged] == ["two", "three"]
    later = replace(first[0], found_on="2026-10-05")
    merged = proposals.merge(first, [later], "wikidata", known, TODAY)
    assert [p.found_on for p in merged if p.handle == "one"] == ["2026-09-30"]


def test_an_id_that_is_taken_gets_a_number(own_home: Path, folder: Path) -> None:
    text = (folder / "accounts.csv").read_text()
    old = "be-municipality-91030-x,be-municipality-91030,x,old,,official,T0,2020-01-01,2021-01-01"
    (folder / "accounts.csv").write_text(f"{text}{old},false,declared,town\n")
    known = register.read([folder])
    (new,) = proposals.judged([of("be-municipality-91030", "x", "one")], known, TODAY)
    added = proposal_files.accept([new], known, [folder], TODAY)
    assert added == ["be-municipality-91030-x-2"]
    assert len(register.read([folder]).accounts) == 5


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://www.facebook.com/gemeenteduinrade/", ("facebook", "gemeenteduinrade")),
        ("https://nl-nl.facebook.com/stad.duinrade?ref=x", ("facebook", "stad.duinrade")),
        ("https://www.facebook.com/pages/Duinrade/123456789", ("facebook", "123456789")),
        ("https://www.facebook.com/p/Duinrade-100064123456789/", ("facebook", "100064123456789")),
        ("https://www.facebook.com/profile.php?id=100064", ("facebook", "100064")),
        ("https://www.facebook.com/groups/duinrade", None),
        ("https://twitter.com/@Duinrade", ("x", "Duinrade")),
        ("x.com/Duinrade", ("x", "Duinrade")),
        ("https://twitter.com/intent/follow?x=1", None),
        ("https://www.instagram.com/duinrade/?hl=nl", ("instagram", "duinrade")),
        ("https://www.instagram.com/p/abc", None),
        ("https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv",
         ("youtube", "UCabcdefghijklmnopqrstuv")),
        ("https://www.youtube.com/@duinrade", ("youtube", "duinrade")),
        ("https://www.youtube.com/user/duinrade", None),
        ("https://nl.linkedin.com/company/gemeente-duinrade/", ("linkedin", "gemeente-duinrade")),
        ("https://www.linkedin.com/in/jan-janssen", None),
        ("https://www.tiktok.com/@duinrade", ("tiktok", "duinrade")),
        ("https://www.threads.net/@duinrade", ("threads", "duinrade")),
        ("https://bsky.app/profile/duinrade.nl", ("bluesky", "duinrade.nl")),
        ("https://social.overheid.nl/@duinrade", ("mastodon", "duinrade@social.overheid.nl")),
        ("https://whatsapp.com/channel/0029VaAbc", ("whatsapp_channel", "0029VaAbc")),
        ("https://www.snapchat.com/add/duinrade", ("snapchat", "duinrade")),
        ("https://www.duinrade.nl/contact", None),
        ("https://facebook.com/", None),
        ("https://notfacebook.com/duinrade", None),
        ("mailto:info@duinrade.nl", None),
        ("http://[", None),
    ],
)  # fmt: skip
def test_addresses(address: str, found: tuple[str, str] | None) -> None:
    assert account_of(address) == found
    if found:
        assert impossible_handle(*found) is None


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("pages/Duinrade/123456789", "123456789"),
        ("Gemeente-Duinrade-100064123456789", "100064123456789"),
        ("https://www.facebook.com/duinrade", "duinrade"),
        ("x.com/duinrade", None),
        ("groups/duinrade", None),
    ],
)
def test_what_wikidata_keeps_of_facebook_pages(name: str, handle: str | None) -> None:
    assert handle_of("facebook", name) == handle


@given(st.text(max_size=60), st.sampled_from(["", "https://facebook.com/", "https://x.com/"]))
def test_any_text_is_an_account_or_none(text: str, prefix: str) -> None:
    found = account_of(prefix + text)
    assert found is None or (found[0] and found[1])
    assert handle_of("facebook", text) != ""


@given(st.binary(max_size=200), st.integers(0, len(XML)))
def test_any_bytes_are_an_almanac_or_refused(junk: bytes, cut: int) -> None:
    import io

    try:
        bodies = list(almanac.parse(io.BytesIO(XML[:cut] + junk + XML[cut:]), TODAY))
    except almanac.AlmanacError:
        return
    assert len(bodies) <= 4
