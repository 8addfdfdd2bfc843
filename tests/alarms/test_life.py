"""What becomes of an alarm: raised, seen again, over, acknowledged, back."""

import pytest

from klankbord import alarms
from klankbord.alarms import AlarmError
from klankbord.errors import KlankbordError
from tests.alarms.rows import NOW, moment


@pytest.fixture
def dead(raw):
    """An account, and `gone(*days_ago)`, `back(*days_ago)`: what the platform said, and a look."""
    raw.account()

    def say(status: str, reason: str, days: tuple[int, ...]) -> list[tuple[str, str]]:
        for days_ago in days:
            raw.outcome(days_ago, status, reason)
            found = raw.look("dead", days_ago)
        return found

    raw.gone = lambda *days: say("gone", "suspended", days)
    raw.back = lambda *days: say("ok", "", days)
    return raw


def test_a_state_is_one_alarm_while_it_lasts_and_over_when_it_is_over(dead):
    assert dead.gone(20, 19, 18) == [("a", "suspended: said so")]
    assert dead.spells() == [(20, 18, None)]
    assert dead.back(17) == []
    assert dead.spells() == [(20, 18, 17)]
    assert dead.gone(16) == [("a", "suspended: said so")]  # nobody looked: the same one
    assert dead.spells() == [(20, 16, None)]


def test_what_comes_back_after_a_week_is_another_alarm(dead):
    dead.gone(20)
    dead.back(19)
    dead.gone(13)
    assert dead.spells() == [(20, 20, 19), (13, 13, None)]


def test_what_comes_back_after_it_was_acknowledged_is_another_alarm(dead):
    dead.gone(5)
    alarms.acknowledge(dead.access, "dead", "An", moment(5))
    assert dead.gone(4) == []  # it lasts, and An knows
    assert dead.spells() == [(5, 4, None)]
    dead.back(3)
    assert dead.gone(2) == [("a", "suspended: said so")]
    assert dead.spells() == [(5, 4, 3), (2, 2, None)]


def test_a_state_that_nobody_looked_for_in_a_while_is_still_the_same(dead):
    dead.gone(20)
    dead.gone(5)
    assert dead.spells() == [(20, 5, None)]


def test_a_second_new_name_is_another_alarm(raw):
    raw.account()
    raw.profile(2, {"id": "12", "username": "gent_oud"})
    assert raw.look("renamed", 2) == [("a", "GentStad -> gent_oud")]
    alarms.acknowledge(raw.access, "renamed", "An", moment(2))
    raw.profile(1, {"id": "12", "username": "gent_oud"})
    assert raw.look("renamed", 1) == []
    raw.profile(0, {"id": "12", "username": "gent_nieuw"})
    assert raw.look("renamed") == [("a", "GentStad -> gent_nieuw")]
    assert raw.spells() == [(2, 1, 0), (0, 0, None)]
    alarms.acknowledge(raw.access, "renamed", "An", NOW)
    raw.run("update raw.x_profiles set payload = jsonb_set(payload, '{username}', '\"gent3\"')")
    assert raw.look("renamed") == [("a", "GentStad -> gent3")]  # the same day still


def test_a_corrected_register_ends_it(raw):
    raw.account()
    raw.profile(0, {"id": "12", "username": "gent_nieuw"})
    assert raw.look("renamed") == [("a", "GentStad -> gent_nieuw")]
    raw.run("update register.accounts set handle = 'gent_nieuw'")
    assert raw.look("renamed") == []


def test_a_second_look_changes_nothing_and_acknowledging_ends_it(raw):
    raw.account()
    raw.outcome(0, "gone", "suspended")
    said = (
        r"^dead \(the platform knows the account no more\): a: suspended: said so\. What to do: "
        r"docs/runbooks/alarms\.md; then `klankbord alarms acknowledge dead --by NAME`"
    )
    for _ in range(2):
        with pytest.raises(AlarmError, match=said):
            alarms.enforce(raw.access, "dead", NOW)
        rows = raw.run("select * from raw.alarms")
        assert len(rows) == 1
    assert [str(a) for a in alarms.waiting(raw.access, NOW)] == ["a: suspended: said so"]
    assert alarms.acknowledge(raw.access, "dead", " An ", NOW, "a") == 1
    assert alarms.enforce(raw.access, "dead", NOW) == {"open": 0}
    assert alarms.waiting(raw.access, NOW) == []
    assert raw.run("select acknowledged_by, acknowledged_at from raw.alarms") == [("An", NOW)]
    with pytest.raises(KlankbordError, match="No open alarm dead of a"):
        alarms.acknowledge(raw.access, "dead", "An", NOW, "a")


def test_an_event_stays_for_a_week_and_is_no_state_that_ends(raw):
    raw.account()
    raw.outcome(0, stream="posts")
    raw.run("update raw.outcomes set known_count = 10, missing_count = 9")
    assert raw.look("shrunken_answer") == [("a", "posts: 9 of 10 are missing")]
    raw.run("delete from raw.outcomes")
    for days in range(7):
        assert len(raw.look("shrunken_answer", -days)) == 1
        assert len(alarms.waiting(raw.access, moment(-days))) == 1
    assert raw.look("shrunken_answer", -7) == []
    assert alarms.waiting(raw.access, moment(-7)) == []


def test_a_platform_is_acknowledged_by_its_name(raw):
    raw.account()
    raw.account("b", "bluesky")
    assert len(raw.look("late_platform")) == 2
    assert alarms.acknowledge(raw.access, "late_platform", "An", NOW, "x") == 1
    assert [a.platform for a in alarms.waiting(raw.access, NOW)] == ["bluesky"]


def test_many_are_counted_and_five_named(raw):
    for n in range(8):
        raw.account(f"a{n}")
        raw.outcome(0, "ok" if n > 6 else "gone", "" if n > 6 else "suspended", name=f"a{n}")
    with pytest.raises(AlarmError, match=r"a4: .* and 2 more\. What"):
        alarms.enforce(raw.access, "dead", NOW)


def test_an_unknown_kind_and_nobody_are_refused(raw):
    for what in (
        lambda: alarms.check(raw.access, "fire", NOW),
        lambda: alarms.acknowledge(raw.access, "fire", "An", NOW),
    ):
        with pytest.raises(KlankbordError, match="No alarm is called 'fire': choose from foll"):
            what()
    with pytest.raises(KlankbordError, match="who has looked"):
        alarms.acknowledge(raw.access, "dead", " ", NOW)
