"""`klankbord import …` as people type it."""

import pytest
from typer.testing import CliRunner

from klankbord import database, settings
from klankbord.cli.main import app
from klankbord.errors import KlankbordError
from tests.imports.conftest import FILES, NOW, rows


@pytest.fixture
def run(imports, monkeypatch):
    """Run a command over the shared warehouse; its output, errors as they are."""
    from contextlib import contextmanager

    @contextmanager
    def running():
        yield imports

    monkeypatch.setattr(database, "running", running)
    monkeypatch.setattr(settings, "now", lambda: NOW)

    def call(*arguments: object) -> str:
        done = CliRunner().invoke(app, ["import", *map(str, arguments)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    return call


def stored(access) -> int:
    return rows(access, "select count(*) from raw.import_insights")[0][0]


def test_a_file_is_the_default_command(run, imports):
    said = run(FILES / "meta_facebook_posts_nl.csv")
    for words in (
        "Meta Business Suite, posts of Facebook pages (nl, headers of a real file)",
        "UTF-8, commas",
        "Reacties → reactions",
        "left out Titel, Omschrijving",
        "accounts fb-voorbeeld",
        "published 2026-09-03 to 2026-09-28",
        "2, 12 figures",
        "“Reacties” are reactions: “Opmerkingen” has a column of its own",
        "exported on 2026-09-28, its last day; --observed-on says another day",
        "line 2 fb-voorbeeld, post 5001_1001, lifetime: views 1234, impression_reach 980, ",
        "line 4 fb-voorbeeld, post 5001_1002, lifetime: views 27, ",
        "12 figures, 12 new, 0 known already.",
    ):
        assert words in said, words
    assert "zaterdag" not in said
    assert stored(imports) == 12
    again = run("files", FILES / "meta_facebook_posts_nl.csv")
    assert "12 figures, 0 new, 12 known already, for its content was loaded before." in again


def test_a_dry_run_shows_and_loads_nothing(run, imports):
    said = run("--dry-run", "--account", "x-voorbeeld", FILES / "x_account_daily.csv")
    assert "X, account by day" in said and "Nothing was loaded: --dry-run." in said
    assert stored(imports) == 0


def test_all_or_none(run, imports):
    with pytest.raises(KlankbordError, match="does not say whose it is"):
        run(FILES / "meta_facebook_posts_nl.csv", FILES / "x_account_daily.csv")
    assert stored(imports) == 0


def test_options_and_undo(run, imports):
    options = ("--account", "yt-voorbeeld", "--observed-on", "2026-09-30", "--since", "2026-09-01")
    assert "4 new" in run(FILES / "youtube_videos_fr.csv", *options)
    assert "4 figures removed" in run("undo", FILES / "youtube_videos_fr.csv")
    assert stored(imports) == 0
    with pytest.raises(KlankbordError, match=r"--since 'soon' is no date"):
        run(FILES / "youtube_videos_fr.csv", "--since", "soon")


def test_the_archive_keeps_its_command(run, imports, tmp_path):
    path = tmp_path / "study.csv"
    path.write_text("account,date,followers,source\nfb-exemple,2025-09-01,120,study\n")
    said = run("archive", path)
    assert "1 readings in study.csv: 1 new, 0 known already, 0 corrected." in said
    assert "archive: follower counts of an earlier study" in run(path)
    path.write_text("account;date;followers;source\nfb-exemple;2025-09-01;130;study\n")
    said = run("archive", path)
    assert "1 readings in study.csv: 0 new, 0 known already, 1 corrected." in said
    assert "1 figures removed" in run("undo", path)
    with pytest.raises(KlankbordError, match="none of its counts is stored"):
        run("undo", path)


def test_a_file_may_be_called_like_anything(run, tmp_path, monkeypatch, imports):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "posts.csv").write_bytes((FILES / "x_posts.csv").read_bytes())
    assert "9 new" in run("posts.csv")


def test_what_looks_like_markup_is_text(run, tmp_path):
    path = tmp_path / "[bold] posts.csv"
    text = (FILES / "x_posts.csv").read_text().replace("Hashtag Clicks", "[/red]")
    path.write_text(text)
    said = run(path)
    assert "[bold] posts.csv: 9 figures" in said and "[/red]" in said
