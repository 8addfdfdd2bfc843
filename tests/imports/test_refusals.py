"""What a file is refused for, and that the sentence says where and what to do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klankbord.errors import KlankbordError
from klankbord.imports.faults import FAULTS_SHOWN, FileRefusedError, shown
from klankbord.imports.formats import built_in
from klankbord.imports.owners import Known, OwnerError, Owners
from klankbord.imports.plans import Options, plan
from tests.imports.conftest import FILES, TODAY, known
from tests.imports.make_files import TEXTS, table, xlsx
from tests.imports.test_formats import planned

X = TEXTS["x_account_daily.csv"][1][0].split(",")
POST = TEXTS["x_posts.csv"][1][0].split(",")


def x_row(day: str = "2026-09-29", *cells: str) -> list[str]:
    return [day, *cells, *["1"] * (len(X) - 1 - len(cells))]


def faults(tmp_path, content: str | bytes, *accounts: str, name: str = "a.csv") -> list[str]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return planned(path, *(accounts or ("x-voorbeeld",))).faults


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([x_row("2026-09-29", "12,34,5")], "a.csv:2, column 2 “Impressions”: '12,34,5' "),
        ([x_row("2026-09-29", "-3")], "'-3' is below zero, which impressions cannot be"),
        ([x_row("2026-09-29", "1.5")], "'1.5' is no whole number"),
        ([x_row("2026-09-29", "1" * 16)], "has more digits than any figure"),
        ([x_row("2026-02-30")], "a.csv:2, column 1 “Date”: '2026-02-30' is no day of the calendar"),
        ([x_row("2026-10-01")], "'2026-10-01' is in the future"),
        ([x_row("")], "a.csv:2, column 1 “Date”: the day is missing"),
        ([x_row("1999-01-01")], "lies before the first of these platforms"),
        ([x_row("someday")], "a text of 7 characters is no date"),
        ([x_row()[:5]], "a.csv:2: the row has 5 cells and the header 14: was the file cut off"),
        ([[*x_row(), "x"]], "the header 14: was the file cut off, or edited?"),
        ([x_row("2026-09-29", "7"), x_row("2026-09-29", "8")], "is 8 here and 7 on line 2"),
        ([x_row("2026-09-29", *["-"] * 13)], "a.csv:1: every figure in it is absent"),
        ([], "there is no row below this header"),
    ],
)  # fmt: skip
def test_every_fault_has_its_place_and_sentence(tmp_path, rows, sentence):
    found = faults(tmp_path, table(X, *rows))
    assert len(found) == 1
    assert sentence in found[0] and not found[0].endswith("?.")
    assert found[0].startswith("a.csv:")


def test_a_column_of_dates_that_fits_no_order_names_both_cells(tmp_path):
    content = table(X, x_row("13/09/2026"), x_row("01/02/2026"), x_row("09/14/2026"))
    assert faults(tmp_path, content) == [
        "a.csv:2, column 1 “Date”: '13/09/2026' contradicts line 4: one is day/month, the other "
        "month/day; give the file as it was exported, not as Excel saved it.",
        "a.csv:4, column 1 “Date”: '09/14/2026' contradicts line 2: one is day/month, the other "
        "month/day; give the file as it was exported, not as Excel saved it.",
    ]


def test_all_faults_are_told_at_once_up_to_fifty():
    error = FileRefusedError([f"line {n}" for n in range(120)])
    assert len(error.faults) == 120
    lines = str(error).splitlines()
    assert lines[FAULTS_SHOWN - 1 :] == ["line 49", "… and 70 more", "Nothing was loaded."]


def test_a_shifted_row_repeats_nobodys_words(tmp_path):
    words = "Jan Peeters 0470123456"
    row = ["1", "2026-09-29", "t", "https://x.com/voorbeeld/status/1", words, words, *["1"] * 11]
    found = faults(tmp_path, table(POST, row))
    assert len(found) == 2
    assert "Jan" not in str(found) and "a text of 22 characters is no number" in found[0]
    assert shown("@jan1") == "a text of 5 characters"
    assert shown("1.234,5 %") == "'1.234,5 %'"


def test_an_id_that_excel_rounded_is_refused(tmp_path):
    row = ["2,074E+18", "2026-09-29", "t", "https://x.com/voorbeeld/status/1", *["1"] * 13]
    [fault] = faults(tmp_path, table(POST, row))
    assert "Excel has rounded this id" in fault
    book = xlsx({"s": [POST, [2074000000000000001, *row[1:4], *[1] * 13]]})
    [fault] = faults(tmp_path, book, name="a.xlsx")
    assert fault.startswith("a.xlsx:2 (sheet s), column 1 “Post id”: Excel has rounded this id")


def test_an_unknown_header_names_what_it_comes_nearest_to(tmp_path):
    header = TEXTS["meta_facebook_posts_nl.csv"][1][0].replace("Publicatietijdstip", "Tijd")
    [fault] = faults(tmp_path, header + "\n")
    assert "no line is the header of a known format" in fault
    assert "nearest to meta-facebook-posts nl, without “Publicatietijdstip”" in fault
    [fault] = faults(tmp_path, "naam,adres\nJan,Dorpsstraat 1\n")
    assert "known are linkedin-content, " in fault and "Jan" not in fault and "naam" not in fault


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "it is empty"),
        ("a.csv", b"  \n ", "it is empty"),
        ("a.csv", b"\xff\xfe\x00", "its bytes are no text in utf-16"),
        ("a.csv", b"\x81\x8d\xc3", "its bytes are no text in utf-8 or cp1252"),
        ("a.xls", b"<html><table><tr><td>Date", "it is a web page or XML"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "it is no workbook"),
        ("a.xlsx", b"PK\x03\x04 and nothing", "it is no workbook that can be read"),
        ("a.csv", b'"Date","Impressions\n1,2\n', "the row that starts on line 1 does not end"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, name, content, sentence):
    [fault] = faults(tmp_path, content, name=name)
    assert sentence in fault and fault.startswith(f"{name}:1: ")


def test_a_folder_or_missing_file_is_one_sentence(tmp_path):
    [fault] = planned(tmp_path / "none.csv").faults
    assert fault == "none.csv: there is no such file: correct its name."
    assert planned(tmp_path).faults == [f"{tmp_path.name}: it is a folder: name the files in it."]


@pytest.mark.parametrize(
    ("content", "accounts", "sentence"),
    [
        ("x_account_daily.csv", (), "does not say whose it is: name the account with --account"),
        ("x_account_daily.csv", ("fb-exemple",), "of x, and --account names fb-exemple"),
        ("x_posts.csv", ("x-voorbeeld",), None),
    ],
)
def test_accounts_that_a_file_does_not_name(content, accounts, sentence):
    found = planned(FILES / content, *accounts).faults
    assert found == [] if sentence is None else sentence in found[0]


def test_an_unknown_page_is_refused_by_name(tmp_path):
    text = "\n".join(TEXTS["meta_facebook_posts_en.csv"][1])
    other = text.replace("5002", "5003").replace("Ville Exemple", "Stad Anders")
    first, second = faults(tmp_path, other, "fb-exemple")
    assert "it is of fb-voorbeeld, as the file's" in first
    assert "“5003 (Stad Anders)” is not in the register, and the file is of several" in second
    several = other.replace("5001", "5004").replace("Gemeente Voorbeeld", "Stad Nog")
    first, second = faults(tmp_path, several, "fb-exemple")
    assert "not in the register, and the file is of several" in first and "5004" in first
    assert "5003" in second
    (tmp_path / "b.csv").write_text(other)
    [fault] = planned(tmp_path / "b.csv").faults
    assert "b.csv:3: the register has no facebook account “5003 (Stad Anders)”" in fault
    one = "\n".join(other.splitlines()[i] for i in (0, 2))
    (tmp_path / "c.csv").write_text(one)
    assert planned(tmp_path / "c.csv", "fb-exemple").account_ids == ["fb-exemple"]


def test_a_name_of_two_accounts_is_refused_by_both(tmp_path):
    twin = Known("fb-twin", "facebook", "anders", None, ("Gemeente Voorbeeld",))
    text = "\n".join(TEXTS["meta_facebook_posts_nl.csv"][1]).replace("5001", "")
    (tmp_path / "a.csv").write_text(text)
    options = Options(formats=built_in())
    made = plan(tmp_path / "a.csv", Owners([*known(), twin]), options, TODAY)
    assert "can be fb-twin and fb-voorbeeld: name the account with --account" in made.faults[0]
    made = plan(tmp_path / "a.csv", Owners([*known(), twin], ["fb-twin"]), options, TODAY)
    assert made.account_ids == ["fb-twin"]


def test_two_accounts_of_one_platform_are_not_both_meant():
    with pytest.raises(OwnerError, match="two accounts on facebook"):
        Owners(known(), ["fb-exemple", "fb-voorbeeld"])


def test_two_columns_of_one_meaning_are_refused(tmp_path):
    header = [*X, "Retweets"]
    [fault] = faults(tmp_path, table(header, ["2026-09-29", *["1"] * len(X)]))
    assert fault == (
        "a.csv:1, column 15 “Retweets”: it means shares, and so does column 10 “Reposts”: remove "
        "one of them."
    )


def test_the_delimiter_is_the_one_under_which_most_is_known(tmp_path):
    lines = ["Date,Impressions,Engagements,New follows", table(X, x_row(), delimiter=";")]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines))
    made = planned(path, "x-voorbeeld")
    assert (made.way, made.faults) == ("UTF-8, semicolons", [])


def test_a_known_page_is_not_given_to_another_account():
    [fault] = planned(FILES / "meta_facebook_posts_nl.csv", "fb-exemple").faults
    assert "it is of fb-voorbeeld, as the file's" in fault


def test_the_day_of_the_export_is_not_before_its_figures():
    from datetime import date

    made = planned(FILES / "x_posts.csv", observed_on=date(2026, 9, 28))
    assert "--observed-on 2026-09-28 lies outside 2026-09-29 to 2026-09-30" in made.faults[0]
    made = planned(FILES / "x_posts.csv", observed_on=date(2026, 10, 1))
    assert "lies outside" in made.faults[0]


FACEBOOK = TEXTS["meta_facebook_posts_nl.csv"][1]


@pytest.mark.parametrize("first", ["Som", '"=1003"', "1003 en 1004", ""])
def test_a_row_that_is_no_post_makes_none(tmp_path, first):
    """A total under a word that nobody thought of, or a formula, is a post that does not exist."""
    total = f"{first},5001,,,,,,,,,1.261,1000,61,40,12,5,83"
    [fault] = faults(tmp_path, "\n".join([*FACEBOOK, total]) + "\n", "fb-voorbeeld")
    assert fault.startswith("a.csv:5, column 1 “Bericht-ID”: there is no id of a post here: remove")


def test_a_row_that_does_not_say_whose_it_is_among_others_that_do(tmp_path):
    total = "99,,,,,,,,,,1.261,1000,61,40,12,5,83"
    for account in ("fb-voorbeeld", "x-voorbeeld"):
        [fault] = faults(tmp_path, "\n".join([*FACEBOOK, total]) + "\n", account)
        assert fault.startswith("a.csv:5: the row does not say whose it is, and the others do")
    # where no row says it, --account does
    silent = "\n".join(FACEBOOK).replace(",5001,", ",,").replace('"Gemeente Voorbeeld"', "")
    assert faults(tmp_path, silent + "\n", "fb-voorbeeld") == []


@pytest.mark.parametrize("word", ["Totaal", "Eindtotaal", "Grand total"])
def test_a_total_is_left_out_and_said(tmp_path, word):
    (tmp_path / "a.csv").write_text("\n".join([*FACEBOOK, f"{word}" + "," * 16]) + "\n")
    made = planned(tmp_path / "a.csv")
    assert made.faults == [] and "left out as a total: line 5" in made.decisions


def test_a_text_that_was_kept_from_excel_is_a_text(tmp_path):
    (tmp_path / "a.csv").write_text("\n".join(FACEBOOK).replace("1002,", '"=""1002""",') + "\n")
    made = planned(tmp_path / "a.csv")
    assert {r.post_id for r in made.readings} == {"5001_1001", "5001_1002"}


def test_a_page_of_the_same_name_with_another_id_is_another_page(tmp_path):
    other = "\n".join(FACEBOOK).replace(",5001,", ",5009,") + "\n"
    (tmp_path / "a.csv").write_text(other)
    [fault] = planned(tmp_path / "a.csv").faults
    assert "the register has no facebook account “5009 (Gemeente Voorbeeld)”" in fault
    [fault] = planned(tmp_path / "a.csv", "fb-voorbeeld").faults
    assert "the file is of 5009, and the register says that fb-voorbeeld is 5001" in fault
    posts = "\n".join(TEXTS["x_posts.csv"][1]).replace("x.com/voorbeeld", "x.com/anders")
    assert "x.com/anders" in posts
    [fault] = faults(tmp_path, posts + "\n", "x-voorbeeld")
    assert "the file is of anders, and the register says that x-voorbeeld is Voorbeeld" in fault


def test_a_breakdown_with_equal_values_is_not_one_figure(tmp_path):
    """5 from Facebook and 5 from Instagram are ten, or not this file's to say; never five."""
    header = ["Source", *X]
    content = table(header, ["ads", *x_row()], ["organic", *x_row()])
    assert faults(tmp_path, content) == [
        "a.csv:3: line 2 is of the same account and days, and other cells differ: export without a "
        "breakdown, or remove one of the rows."
    ]
    made = faults(tmp_path, table(header, ["ads", *x_row()], ["ads", *x_row()]))
    assert made == []


def test_a_title_is_of_the_accounts_platform(tmp_path):
    content = "Bereik\nDatum,Primair\n2026-09-01,5\n"
    (tmp_path / "a.csv").write_text(content)
    names = {
        account: [r.metric_name for r in planned(tmp_path / "a.csv", account).readings]
        for account in ("fb-voorbeeld", "ig-voorbeeld")
    }
    # Facebook's reach counted by impressions, Instagram's by views (platform_metrics.csv)
    assert names == {"fb-voorbeeld": ["impression_reach"], "ig-voorbeeld": ["reach"]}
    [fault] = faults(tmp_path, content, "li-voorbeeld")
    assert fault == (
        "a.csv:3: its title is one of facebook or instagram, and li-voorbeeld is on linkedin."
    )
    # those won, or all that there are? a title that may be either is not guessed
    [fault] = faults(tmp_path, content.replace("Bereik", "Facebook-volgers"), "fb-voorbeeld")
    assert "names no figure that is known" in fault


#: bytes that look enough like an export to get past the first door
LINES = [line for _, lines in TEXTS.values() for line in lines]
PIECES = st.lists(st.sampled_from(LINES) | st.text(max_size=40), max_size=12)


@settings(max_examples=150)
@given(PIECES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1"]))
def test_any_text_ends_in_rows_or_in_a_named_refusal(tmp_path_factory, lines, encoding):
    path = tmp_path_factory.getbasetemp() / "wild.csv"
    path.write_bytes("\n".join(lines).encode(encoding, "replace"))
    made = planned(path, "x-voorbeeld", "fb-voorbeeld")
    assert bool(made.readings) != bool(made.faults)
    assert all(fault.startswith("wild.csv:") for fault in made.faults)


@settings(max_examples=150)
@given(st.data())
def test_any_damaged_export_ends_in_rows_or_in_a_named_refusal(tmp_path_factory, data):
    source = data.draw(st.sampled_from(sorted(FILES.iterdir())))
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    path = tmp_path_factory.getbasetemp() / f"damaged{source.suffix}"
    path.write_bytes(content)
    try:
        made = planned(path, "li-voorbeeld", "x-voorbeeld", "fb-voorbeeld", "yt-voorbeeld")
    except KlankbordError as error:
        raise AssertionError("plan() says everything in faults") from error
    assert bool(made.readings) != bool(made.faults)


@settings(max_examples=100)
@given(st.binary(max_size=600))
def test_any_bytes_end_in_a_named_refusal(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.xls"
    path.write_bytes(content)
    assert planned(path).faults
