"""`klankbord status` and `klankbord alarms` as people read them, on narrow and wide screens."""

import importlib
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from klankbord import settings
from klankbord.budget import parse_limits
from klankbord.spending import shares
from tests.alarms.rows import NOW, Raw

main = importlib.import_module("klankbord.cli.main")


@pytest.fixture
def say(raw: Raw, monkeypatch: pytest.MonkeyPatch):
    """say(80, "status") -> the lines that a command prints on a screen of that width."""
    p = raw.access.parameters(raw.access.admin)
    dsn = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**p)
    monkeypatch.setenv("KLANKBORD_DSN", dsn)
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())

    def run(width: int, *words: str) -> list[str]:
        monkeypatch.setattr(main.console, "width", width)
        done = CliRunner().invoke(main.app, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return [line.rstrip() for line in done.output.splitlines()]

    return run


@pytest.fixture
def troubled(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> Raw:
    """Seven pages of eight that are gone, a late platform, channels by hand, a nearly spent day."""
    for n in range(8):
        raw.account(f"be-municipality-1100{n}-facebook", "facebook")
        raw.outcome(
            0,
            *(("gone", "account_not_found") if n < 5 or n == 7 else ("ok", "")),
            name=f"be-municipality-1100{n}-facebook",
            platform="facebook",
            detail="GET /facebook/1000000000007528: 400 (Graph #100/33) [red]said[/red]",
        )
    raw.account("b", "bluesky")
    raw.outcome(1, name="b", platform="bluesky")
    raw.account("w", "whatsapp_channel", synthetic=False)
    raw.account("s", "snapchat")
    monkeypatch.setenv("KLANKBORD_BUDGETS", "x=50calls/day facebook=100calls/day")
    for holder, calls, held in (("1", 85, 0), ("2", 0, 11)):
        raw.run(
            "insert into raw.spending (platform, token, bucket, purpose, slot_at, holder, calls,"
            " held_calls, written_at) values ('facebook', 't', 'calls', 'posts', %s, %s, %s, %s,"
            " %s)",
            *(NOW, holder * 8 + "-0000-0000-0000-" + 12 * holder, calls, held, NOW),
        )
    return raw


@pytest.mark.parametrize("width", [80, 160])
def test_status_fits_the_screen_and_leaves_nothing_out(troubled, say, width):
    assert say(width, "alarms", "list") == ["No alarms."]  # nobody has looked
    lines = say(width, "status")
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    table = {words[0]: " ".join(words[1:]) for line in lines if (words := line.split())}
    assert table["facebook"] == "2026-09-30 2 of 8 6 account_not_found failing"
    assert table["bluesky"] == "2026-09-29 1 of 1 – late"
    assert table["whatsapp_channel"] == table["snapchat"] == "– 1 registered – by hand"
    assert "Budget facebook=100calls/day: 96% spent." in lines
    assert not any("x=50" in line for line in lines)
    assert "Published: never; in quarantine: 0 rows." in lines
    # six of eight are not the platform: each is named, five of them here
    assert "Alarms: 7 (what to do: docs/runbooks/alarms.md)" in lines
    assert "dead: the platform knows the account no more" in lines
    assert "  … and 1 more: `klankbord alarms list`" in lines
    assert text.count("be-municipality-1100") == 5
    assert "  2026-09-30  (all of bluesky)  last answer on 2026-09-29" in lines
    # what a platform says is no markup, and no word of it is cut off
    assert "".join(text.split()).count("(Graph#100/33)[red]said[/red]") == 5 or width == 80
    assert "…" not in text.replace("… and 1 more", "")
    assert "snapchat" not in text.partition("Alarms:")[2]


def test_the_list_is_whole_and_shrinks_by_acknowledging(troubled, say):
    say(160, "alarms", "check")
    lines = say(160, "alarms", "list")
    assert lines == say(160, "alarms", "check")
    assert "\n".join(lines).count("be-municipality-1100") == 6
    first = "be-municipality-11000-facebook"
    seen = say(160, "alarms", "acknowledge", "dead", "--by", "An", "--account", first)
    assert seen == ["1 alarm acknowledged."]
    assert say(160, "alarms", "acknowledge", "dead", "--by", "An") == ["5 alarms acknowledged."]
    assert say(160, "alarms", "list") == [
        "Alarms: 1 (what to do: docs/runbooks/alarms.md)",
        "late_platform: no profile of the platform was read today",
        "  2026-09-30  (all of bluesky)  last answer on 2026-09-29",
    ]
    say(160, "alarms", "acknowledge", "late_platform", "--by", "An", "--account", "bluesky")
    assert say(160, "alarms", "list") == ["No alarms."]
    assert say(160, "status")[-1] == "No alarms."


def test_of_a_budget_the_dearest_token_of_the_window_counts(troubled):
    troubled.run("update raw.spending set token = 'u' where held_calls > 0")
    [limit] = parse_limits("facebook=100calls/day")
    assert shares(troubled.access, [limit], NOW) == {limit: Decimal("0.85")}
    nothing = parse_limits("facebook=0calls/day")
    assert set(shares(troubled.access, nothing, NOW).values()) == {Decimal(1)}
    troubled.run("update raw.spending set slot_at = slot_at - interval '1 day'")
    assert shares(troubled.access, [limit], NOW) == {limit: 0}
    assert settings.is_sandbox()
