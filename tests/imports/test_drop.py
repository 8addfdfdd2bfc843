"""The drop folder: each file is put aside with its sentence, and no half-copied one is read."""

import os
import shutil
from datetime import date

import pytest

from klankbord.errors import KlankbordError
from klankbord.imports import drop
from klankbord.imports.faults import MappingError
from tests.imports.conftest import FILES, NOW, rows


def leave(folder, name: str, *inside: str, as_name: str = ""):
    target = folder.joinpath(*inside)
    target.mkdir(parents=True, exist_ok=True)
    return shutil.copy(FILES / name, target / (as_name or name))


def aside(folder, kind: str) -> dict[str, str]:
    """Name without its moment -> what the text beside it says."""
    found = sorted((folder / kind).glob("*")) if (folder / kind).is_dir() else []
    texts = {p.name.removesuffix(".txt"): p.read_text() for p in found if p.suffix == ".txt"}
    assert set(texts) == {p.name for p in found if p.suffix != ".txt"}
    return {name.split("-", 1)[1]: text for name, text in texts.items()}


def test_a_round_loads_refuses_and_puts_aside(imports, tmp_path):
    leave(tmp_path, "meta_facebook_posts_nl.csv")
    leave(tmp_path, "x_account_daily.csv")  # does not say whose it is
    leave(tmp_path, "x_account_daily.csv", "x-voorbeeld")
    leave(tmp_path, "x_posts.csv", "nobody")
    first = drop.sweep(imports, tmp_path, NOW)
    assert (first.loaded, first.refused, len(first.waiting)) == ({}, {}, 4)
    swept = drop.sweep(imports, tmp_path, NOW)
    assert swept.loaded == {"meta_facebook_posts_nl.csv": 12, "x-voorbeeld/x_account_daily.csv": 21}
    assert set(swept.refused) == {"x_account_daily.csv", "nobody/x_posts.csv"}
    assert drop.waiting(tmp_path) == []
    done, refused = aside(tmp_path, "done"), aside(tmp_path, "refused")
    assert set(done) == {"meta_facebook_posts_nl.csv", "x_account_daily.csv"}
    assert done["meta_facebook_posts_nl.csv"].startswith(
        "meta_facebook_posts_nl.csv:\n12 figures: 12 new, 0 told otherwise before.\n"
        "Accounts: fb-voorbeeld.\n"
    )
    assert "“Reacties” are reactions" in done["meta_facebook_posts_nl.csv"]
    assert "does not say whose it is" in refused["x_account_daily.csv"]
    assert refused["x_posts.csv"] == (
        "nobody/x_posts.csv:\nthe register has no account 'nobody': correct --account.\n"
        f"{drop.IN_THE_FOLDER}\n"
    )
    assert rows(imports, "select count(*) from raw.import_insights") == [(33,)]
    with pytest.raises(KlankbordError, match=r"2 file\(s\) moved to refused/:\n.*x_account_daily"):
        drop.fail(swept)
    drop.fail(drop.sweep(imports, tmp_path, NOW))


def test_a_file_that_is_still_written_is_left_alone(imports, tmp_path):
    path = leave(tmp_path, "x_posts.csv")
    leave(tmp_path, "x_posts.csv", as_name="later.csv.part")
    leave(tmp_path, "x_posts.csv", as_name=".hidden.csv")
    drop.sweep(imports, tmp_path, NOW)
    with open(path, "a") as file:  # noqa: PTH123
        file.write("\n")
    assert drop.sweep(imports, tmp_path, NOW).waiting == ["x_posts.csv"]
    os.utime(path, ns=(1, 1))  # a copy that keeps its size
    assert drop.sweep(imports, tmp_path, NOW).waiting == ["x_posts.csv"]
    assert list(drop.sweep(imports, tmp_path, NOW).loaded) == ["x_posts.csv"]
    assert {p.name for p in tmp_path.iterdir()} == {
        ".hidden.csv", "later.csv.part", "done", drop.LOOK
    }  # fmt: skip


def test_names_that_come_back_are_kept_apart(imports, tmp_path):
    for _ in range(2):
        leave(tmp_path, "x_posts.csv")
        drop.sweep(imports, tmp_path, NOW)
        drop.sweep(imports, tmp_path, NOW)
    names = [p.name for p in (tmp_path / "done").glob("*.csv")]
    assert len(names) == 2
    assert rows(imports, "select count(*) from raw.import_files") == [(1,)]


def test_a_killed_round_is_made_good(imports, tmp_path, monkeypatch):
    leave(tmp_path, "x_posts.csv")
    drop.sweep(imports, tmp_path, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(drop.shutil, "move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            drop.sweep(imports, tmp_path, NOW)
    assert drop.sweep(imports, tmp_path, NOW).loaded == {"x_posts.csv": 0}
    assert rows(imports, "select count(*) from raw.import_insights") == [(9,)]
    assert len(list((tmp_path / "done").glob("*.csv"))) == 1


def test_a_format_of_your_own_serves_the_folder(imports, tmp_path):
    (tmp_path / "formats").mkdir()
    mapping = tmp_path / "formats" / "tool.yaml"
    mapping.write_text("level: account\nperiod: day\ncolumns: {Dag: date, Bezoeken: web_visits}\n")
    target = tmp_path / "web-voorbeeld"
    target.mkdir()
    (target / "a.csv").write_text("Dag;Bezoeken\n2026-09-01;1.204\n")
    drop.settled(tmp_path)
    with pytest.raises(MappingError, match="'web_visits' is no role or metric"):
        drop.sweep(imports, tmp_path, NOW)
    assert (target / "a.csv").is_file()  # the mapping is at fault, not the file
    mapping.write_text(mapping.read_text().replace("web_visits", "web_sessions"))
    assert drop.sweep(imports, tmp_path, NOW).loaded == {"web-voorbeeld/a.csv": 1}
    assert rows(imports, "select platform, metric_name, value from raw.import_insights") == [
        ("website", "web_sessions", 1204)
    ]


def test_no_folder_is_no_work(imports, tmp_path):
    assert drop.sweep(imports, tmp_path / "none", NOW) == drop.Swept()
    (tmp_path / drop.LOOK).write_text("broken")
    assert drop.settled(tmp_path) == []


def test_a_table_without_days_has_them_in_its_folder(imports, tmp_path):
    """YouTube's tables name no days; the chart and the totals of the same zip lie beside it."""
    inside = ("yt-voorbeeld", "Content 2026-09-01_2026-09-29 Voorbeeld")
    leave(tmp_path, "youtube_videos_en.csv", *inside, as_name="Table data.csv")
    leave(tmp_path, "youtube_chart_en.csv", *inside, as_name="Chart data.csv")
    leave(tmp_path, "youtube_videos_fr.csv", "yt-voorbeeld", as_name="bare.csv")
    leave(tmp_path, "youtube_videos_fr.csv", "yt-voorbeeld", as_name="Thumbs.db")
    drop.sweep(imports, tmp_path, NOW)
    swept = drop.sweep(imports, tmp_path, NOW)
    folder = "/".join(inside)
    assert swept.loaded == {f"{folder}/Table data.csv": 8, f"{folder}/Chart data.csv": 2}
    assert list(swept.refused) == ["yt-voorbeeld/bare.csv"]
    text = aside(tmp_path, "refused")["bare.csv"]
    assert text.startswith("yt-voorbeeld/bare.csv:\nbare.csv:1: the file does not say which days")
    assert "drop/<account_id>/; --since and --observed-on are days in the file's name" in text
    assert "covers from 2026-09-01 to 2026-09-29" in aside(tmp_path, "done")["Table data.csv"]
    assert rows(
        imports,
        "select distinct start_on, end_on from raw.import_insights where period = 'range'",
    ) == [(date(2026, 9, 1), date(2026, 9, 29))]
