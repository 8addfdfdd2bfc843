"""Files in a real warehouse: all or none, twice is once, a newer export is another reading."""

import threading
from datetime import date
from decimal import Decimal

import pytest

from klankbord.errors import KlankbordError
from klankbord.imports import loading
from klankbord.imports.faults import FileRefusedError
from klankbord.imports.plans import Options
from tests.imports.conftest import FILES, NOW, rows
from tests.imports.make_files import TEXTS

POSTS = "meta_facebook_posts_nl.csv"


def load(access, *paths, accounts=(), **options):
    request = loading.Request(paths, accounts, Options(**options))
    return loading.load(access, loading.preview(access, request, NOW), NOW)


def stored(access) -> list[tuple]:
    return rows(
        access,
        "select account_id, post_id, metric_name, end_on, observed_on, value"
        " from raw.import_insights order by 1, 2, 3, 4, 5, import_id",
    )


def changed(tmp_path, old: str, new: str, name: str = "later.csv"):
    """The Dutch posts with something else in them."""
    encoding, lines = TEXTS[POSTS]
    text = "\n".join(lines) + "\n"
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new), encoding=encoding)
    return path


def test_a_file_loads_once_under_any_name(imports, tmp_path):
    [done] = load(imports, FILES / POSTS)
    assert (done.figures, done.new, done.was_known) == (12, 12, False)
    before = stored(imports)
    copy = tmp_path / "another name.csv"
    copy.write_bytes((FILES / POSTS).read_bytes())
    [again] = load(imports, copy)
    assert (again.new, again.changed, again.was_known) == (0, 0, True)
    assert stored(imports) == before
    [file] = rows(
        imports,
        "select file_name, formats, account_ids, observed_on, row_count, figure_count,"
        " length(file_hash), imported_at from raw.import_files",
    )
    assert file == (
        POSTS, ["meta-facebook-posts"], ["fb-voorbeeld"], date(2026, 9, 28), 2, 12, 64, NOW
    )  # fmt: skip


def test_provenance_is_the_cell(imports):
    load(imports, FILES / POSTS)
    assert rows(
        imports,
        "select f.file_name, i.file_line, i.file_column, i.metric_basis, i.platform, i.start_on"
        "::text, i.value from raw.import_insights as i join raw.import_files as f using (import_id)"
        " where i.post_id = '5001_1002' and i.metric_name = 'impression_reach'",
    ) == [(POSTS, 4, "Bereik", "unique_viewers", "facebook", "-infinity", Decimal(20))]


def test_a_newer_export_adds_readings_and_doubles_nothing(imports, tmp_path):
    load(imports, FILES / POSTS)
    newer = changed(tmp_path, "Looptijd,27,20", "Looptijd,30,20")
    [done] = load(imports, newer, observed_on=date(2026, 9, 30))
    # lifetime counters of another day are another reading, whether they moved or not
    assert (done.new, done.changed) == (12, 0)
    views = [r[3:] for r in stored(imports) if r[1:3] == ("5001_1002", "views")]
    assert views == [
        (date(2026, 9, 28), date(2026, 9, 28), Decimal(27)),
        (date(2026, 9, 30), date(2026, 9, 30), Decimal(30)),
    ]


def test_the_same_day_in_two_files_is_one_figure(imports, tmp_path):
    by_day = FILES / "meta_facebook_posts_by_day_en.csv"
    load(imports, by_day)
    before = stored(imports)
    more = tmp_path / "more.csv"
    encoding, lines = TEXTS[by_day.name]
    extra = lines[2].replace("09/04/2026", "09/05/2026").replace("300,201", "20,10")
    more.write_text("\n".join([*lines, extra]) + "\n", encoding=encoding)
    [done] = load(imports, more)
    assert (done.figures, done.new, done.changed) == (21, 7, 0)  # only the third day is new
    known = {row[:4] for row in before}
    assert len({row[:4] for row in stored(imports)} - known) == 7
    # what both files say stays when one of them is undone
    assert loading.undo(imports, by_day) == 14
    assert {row[:4] for row in stored(imports)} > known


def test_a_figure_that_a_platform_revised_is_a_second_reading(imports, tmp_path):
    load(imports, FILES / POSTS)
    [done] = load(imports, changed(tmp_path, "Looptijd,27,20", "Looptijd,28,20"))
    assert (done.new, done.changed) == (0, 1)
    # the corrected figure in a third file is known, and the first file again brings nothing back
    third = changed(tmp_path, "Looptijd,27,20", "Looptijd,28,20", "third.csv")
    third.write_bytes(third.read_bytes() + b"\n")
    assert (load(imports, third)[0].new, load(imports, third)[0].changed) == (0, 0)
    [again] = load(imports, FILES / POSTS)
    assert (again.new, again.changed) == (0, 0)
    values = [r[-1] for r in stored(imports) if r[1:3] == ("5001_1002", "views")]
    assert values == [Decimal(27), Decimal(28), Decimal(28)]


def test_one_faulty_file_and_nothing_is_loaded(imports, tmp_path):
    bad = changed(tmp_path, "Looptijd,27,20", "Looptijd,27,veel", "bad.csv")
    with pytest.raises(FileRefusedError) as caught:
        load(imports, FILES / POSTS, bad)
    assert str(caught.value) == (
        "bad.csv:4, column 12 “Bereik”: a text of 4 characters is no number.\nNothing was loaded."
    )
    assert stored(imports) == []
    assert rows(imports, "select count(*) from raw.import_files") == [(0,)]


def test_a_preview_writes_nothing(imports):
    loading.preview(imports, loading.Request([FILES / POSTS]), NOW)
    assert stored(imports) == []


def test_two_imports_at_once_store_each_figure_once(imports):
    threads = [threading.Thread(target=load, args=(imports, FILES / POSTS)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored(imports)) == 12


def test_an_import_waits_for_another(imports):
    """Both would miss the other's figures and store them twice."""
    other = imports.open("klankbord_loader")
    other.cursor().execute("select pg_advisory_lock(hashtext('klankbord import'))")
    thread = threading.Thread(target=load, args=(imports, FILES / POSTS))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive() and stored(imports) == []
    other.close()
    thread.join()
    assert len(stored(imports)) == 12


def test_undo_removes_what_a_file_brought(imports, tmp_path):
    load(imports, FILES / POSTS)
    load(imports, FILES / "x_posts.csv")
    copy = tmp_path / "copy.csv"
    copy.write_bytes((FILES / POSTS).read_bytes())
    assert loading.undo(imports, copy) == 12
    assert {r[0] for r in stored(imports)} == {"x-voorbeeld"}
    with pytest.raises(KlankbordError, match="never loaded"):
        loading.undo(imports, copy)
    assert load(imports, copy)[0].new == 12


def test_an_archive_is_known_by_its_header_too(imports, tmp_path):
    path = tmp_path / "study.csv"
    path.write_text("account,date,followers,source\nfb-exemple,2025-09-01,120,study\n")
    [archive, posts] = load(imports, path, FILES / POSTS)
    assert (archive.figures, archive.new, posts.new) == (1, 1, 12)
    assert rows(imports, "select account_id, followers from raw.archive_followers") == [
        ("fb-exemple", 120)
    ]
    path.write_text("account,date,followers,source\nnobody,2025-09-01,120,study\n")
    with pytest.raises(FileRefusedError, match="no account 'nobody'"):
        load(imports, path)


def test_what_its_owner_withdrew_does_not_come_back_by_file(imports):
    with imports.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.withdrawals (account_id, scope, withdrawn_on, recorded_at)"
            " values ('fb-voorbeeld', 'insights', '2026-09-20', now())"
        )
    try:
        with pytest.raises(
            FileRefusedError, match="fb-voorbeeld withdrew the consent on 2026-09-20"
        ):
            load(imports, FILES / POSTS)
        assert stored(imports) == []
        assert load(imports, FILES / "x_posts.csv")[0].new == 9
    finally:
        with imports.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            cursor.execute("delete from register.withdrawals")


def test_an_unknown_account_option_is_said(imports):
    with pytest.raises(KlankbordError, match="no account 'nobody': correct --account"):
        load(imports, FILES / "x_posts.csv", accounts=["nobody"])


def test_no_text_of_a_post_is_stored(imports):
    load(imports, FILES / POSTS, FILES / "x_posts.csv", FILES / "meta_instagram_posts_en.csv")
    load(imports, FILES / "linkedin_content.xls", accounts=["li-voorbeeld"])
    everything = str(
        rows(imports, "select i.*, f.* from raw.import_insights as i join raw.import_files as f"
             " using (import_id)")
    )  # fmt: skip
    for text in ("markt", "zaterdag", "Dorpsstraat", "Wie, wat", "Iemand", "werven"):
        assert text not in everything


def test_the_loader_alone_writes_and_the_reader_sees_nothing(imports):
    with pytest.raises(Exception, match="permission denied"):  # noqa: SIM117
        with imports.connect("klankbord_transformer") as connection:
            connection.cursor().execute("delete from raw.import_insights")
    with pytest.raises(Exception, match="permission denied"):  # noqa: SIM117
        with imports.connect("klankbord_reader") as connection:
            connection.cursor().execute("select 1 from raw.import_insights")
