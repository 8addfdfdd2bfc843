"""Each kind of fault, alone in a register: reported once, with its file and line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_register import ACCOUNT, SMALL, changed, faults_of

X = ACCOUNT.format("x", "naam")
BODY = "be-x,BE,municipality,,Naam,,,,,,,,,,,,source,list"
MEMBER = "be-police-zone-1,be-municipality-1"
EERSTE = "be-municipality-1"

#: (table, text to replace or None for a line more, new text, the fault)
FAULTS = [
    ("organisations", None, "be-police-zone-1,BE,police_zone,,Z,,,,,,,,,,,,source,list",
     "6: organisation be-police-zone-1 is a duplicate of"),
    ("organisations", None, "be-municipality-2,BE,municipality,,T,,,,,,,,,,2024-12-31,,source,list",
     "6: organisation be-municipality-2 overlaps in time with"),
    ("organisations", None, BODY.replace("municipality", "town"),
     "6: organisation_type 'town' is unknown; use one of municipality, ocmw, police_zone"),
    ("organisations", None, BODY.replace("BE", "DE"),
     "6: country 'DE' is unknown; use one of BE, NL."),
    ("organisations", None, BODY.replace("source,", "rumour,"), "6: basis 'rumour' is unknown"),
    ("organisations", None, BODY.replace("Naam", ""), "6: the organisation has no name"),
    ("organisations", None, BODY.replace("be-x", "Be_x"),
     "6: organisation_id 'Be_x' is not an id; use small letters"),
    ("organisations", None, BODY.replace("be-x", ""), "6: organisation_id is empty; fill it in."),
    ("organisations", None, BODY.replace(",list", ","), "6: source is empty; fill it in."),
    ("organisations", "51.1262", "151.1262",
     "2: latitude '151.1262' is not a number of degrees from -90 to 90."),
    ("organisations", "4.3844", "nan", "2: longitude 'nan' is not a number of degrees"),
    ("organisations", "https://eerste", "ftp://eerste", "2: website 'ftp://eerste.example' is not"),
    ("organisations", "0207508932", "BE0207", "2: kbo 'BE0207' is not an enterprise number"),
    ("organisations", "Q1,", "Q1;Q2,", "2: wikidata 'Q1;Q2' is not a Wikidata item"),
    ("organisations", "2019-01-01,2025-01-01", "2025-01-01,2025-01-01",
     "3: valid_to 2025-01-01 is not after valid_from 2025-01-01; valid_to is the first day"),
    ("memberships", None, f"{MEMBER},,,source,list",
     "5: membership of be-municipality-1 in be-police-zone-1 is a duplicate of"),
    ("memberships", None, f"{MEMBER},2020-01-01,,source,list",
     "5: membership of be-municipality-1 in be-police-zone-1 overlaps in time with"),
    ("memberships", None, "be-police-zone-1,be-municipality-9,,,source,list",
     "5: member_id 'be-municipality-9' is in no organisations.csv; correct it or add"),
    ("memberships", None, "be-police-zone-9,be-municipality-1,,,source,list",
     "5: organisation_id 'be-police-zone-9' is in no organisations.csv"),
    ("memberships", None, "be-police-zone-1,be-police-zone-1,,,source,list",
     "5: be-police-zone-1 is a member of itself; remove the line."),
    ("memberships", "be-municipality-2,,2025-01-01", "be-municipality-2,,",
     "3: be-municipality-2 ends on 2025-01-01 and its membership later; write 2025-01-01"),
    ("populations", "1100", "-1",
     "3: inhabitants '-1' is not a number of inhabitants; write a whole number, 0 or more"),
    ("populations", "1100", "1100.5", "3: inhabitants '1100.5' is not a number of inhabitants"),
    ("populations", "1100", "1 100", "3: inhabitants '1 100' is not a number of inhabitants"),
    ("populations", "1100", "١١٠٠", "3: inhabitants '١١٠٠' is not a number of inhabitants"),
    ("populations", "2024-01-01", "2024-02-30",
     "3: reference_date '2024-02-30' is not a date; write it as 2025-01-31."),
    ("populations", "2024-01-01", "01/01/2024", "3: reference_date '01/01/2024' is not a date"),
    ("populations", "2024-01-01", "20240101", "3: reference_date '20240101' is not a date"),
    ("populations", "2024-01-01", "", "3: reference_date is empty; fill it in."),
    ("populations", "2024-01-01", "2020-01-01",
     "3: population of be-municipality-1 on 2020-01-01 is a duplicate of"),
    ("populations", None, "be-municipality-9,2020-01-01,1,source,list",
     "6: organisation_id 'be-municipality-9' is in no organisations.csv"),
    ("mergers", None, "2025-01-01,be-municipality-2,be-municipality-3,list",
     "3: merger of be-municipality-2 into be-municipality-3 on 2025-01-01 is a duplicate of"),
    ("mergers", None, "2025-01-01,be-municipality-9,be-municipality-3,list",
     "3: predecessor_id 'be-municipality-9' is in no organisations.csv"),
    ("mergers", None, "2025-01-01,be-municipality-2,be-municipality-9,list",
     "3: successor_id 'be-municipality-9' is in no organisations.csv"),
    ("accounts", None, X.replace(",x,", ",myspace,"), "9: platform 'myspace' is unknown; use one"),
    ("accounts", None, X.replace("official", "main"),
     "9: role 'main' is unknown; use one of official, sub."),
    ("accounts", None, X.replace("T2", "T4"), "9: access_tier 'T4' is unknown; use one of T0, T1"),
    ("accounts", None, X.replace("false", "no"), "9: is_synthetic 'no' is not true or false"),
    ("accounts", None, X.replace("zone-1", "zone-9"),
     "9: organisation_id 'be-police-zone-9' is in no organisations.csv"),
    ("accounts", None, X.replace(",T2,,,", ",T2,2022-01-01,2021-01-01,"),
     "9: valid_to 2021-01-01 is not after valid_from 2022-01-01"),
    ("accounts", None, f"eerste-facebook,{EERSTE},x,ander,,sub,T2,,2020-02-01,true,source,t",
     "2: account eerste-facebook overlaps in time with"),
    ("accounts", None, f"eerste-tweet,{EERSTE},x,Ander,,official,T2,2024-01-01,,false,declared,t",
     "9: be-municipality-1 already has an official x account then, at"),
]  # fmt: skip

HANDLES = {
    "facebook": ["abcd", "stad-gent", "stad gent", "@stadgent", "https://fb.com/stadgent"],
    "x": ["@Stad_Gent", "stad.gent", "a234567890123456", "stad-gent", "ſtad"],
    "mastodon": ["stad", "@stad@social.example.org", "stad@localhost", "stad@a..b", "@a.b"],
    "bluesky": ["stad", "@stad.bsky.social", "stad.bsky.", "-stad.bsky.social", "192.168.1.1",
                "stad_gent.bsky.social", "did:key:z6"],
}  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "fault"), FAULTS, ids=[f[3][:60] for f in FAULTS])
def test_a_fault(
    small: Callable[..., Path], table: str, old: str | None, new: str, fault: str
) -> None:
    found = faults_of(small(**{table: changed(table, old, new)}))
    assert len(found) == 1, found
    assert found[0].startswith(f"{table}.csv:{fault}")
    assert found[0].endswith(".")


@pytest.mark.parametrize(
    ("platform", "handle"), [(p, handle) for p, handles in HANDLES.items() for handle in handles]
)
def test_an_impossible_handle(small: Callable[..., Path], platform: str, handle: str) -> None:
    found = faults_of(small(accounts=changed("accounts", None, ACCOUNT.format(platform, handle))))
    assert len(found) == 1, found
    assert found[0].startswith(
        f"accounts.csv:9: handle {handle!r} is impossible on {platform}; write "
    )


FORM_FAULTS = [
    (b"", "1: the file is empty; begin it with the line account_id,organisation_id,platform"),
    (SMALL["accounts"].replace("handle", "nick", 1),
     "1: the header has unknown columns 'nick'; remove what is unknown.\n"
     "accounts.csv:1: the header misses columns 'handle'; add what is missing, with commas"),
    (SMALL["accounts"].replace("basis,source", "basis,source,source", 1),
     "1: the header repeats columns 'source'; keep each once."),
    (SMALL["accounts"].replace(",", ";"), "1: the header has unknown columns 'account_id;organ"),
    (changed("accounts", None, "a,b,c"), "9: the line has 3 cells and the header 12; put a text"),
    (changed("accounts", None, f"{X},more"), "9: the line has 13 cells and the header 12; put a"),
    (changed("accounts", None, '"never closed'), "9: the line is broken CSV (unexpected end"),
    (changed("accounts", None, '"closed"and more,'), "9: the line is broken CSV ("),
    (changed("accounts", None, f"a-b,{'x' * 140_000}"), "9: the line is broken CSV (field larger"),
    (SMALL["accounts"].encode() + "derde,Málaga".encode("latin-1"),
     "9: the text is not UTF-8; save the file as CSV in the encoding UTF-8."),
    (changed("accounts", None, X.replace("naam", "na\0am")), "9: handle 'na\\x00am' holds a line"),
    (changed("accounts", None, X.replace("naam", '"na\nam"')), "9: handle 'na\\nam' holds a line"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fault"), FORM_FAULTS, ids=[f[1][:50] for f in FORM_FAULTS])
def test_a_fault_of_form(small: Callable[..., Path], text: str | bytes, fault: str) -> None:
    found = faults_of(small(accounts=text))
    assert "\n".join(found).startswith(f"accounts.csv:{fault}")
    assert {line.split(":")[0] for line in found} == {"accounts.csv"}
