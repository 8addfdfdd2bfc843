"""The world: the same for the same seed, lazy, in order, and full of what pipelines trip over."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.citizens import citizen_traces

from klankbord import questions, register
from klankbord.platforms.base import Window
from klankbord.register.check import check
from klankbord.sandbox import archive, threads
from klankbord.sandbox.calibration import PLATFORMS
from klankbord.sandbox.model import Message, WorldAccount
from klankbord.sandbox.threads import make_id, month_of
from klankbord.sandbox.world import World

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
SINCE = Window.ending(NOW).since
ROOT = Path(__file__).resolve().parents[2]
REGISTER = register.read([ROOT / "register"])
WORLD = World(REGISTER)
BODIES = [o for o in REGISTER.organisations if register.is_valid(o, NOW.date())]
MOMENTS = st.integers(0, 900 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
ACCOUNTS = st.sampled_from(WORLD.accounts)


def said(account: WorldAccount, since: datetime = SINCE, until: datetime = NOW) -> list[Message]:
    return WORLD.own(account, since, until) + WORLD.incoming(account, since, until)


@pytest.fixture(scope="module")
def september() -> list[tuple[WorldAccount, Message]]:
    """Everything said in September around every fifth account of each platform."""
    chosen = []
    for platform in PLATFORMS:
        found = [a for a in WORLD.accounts if a.platform == platform]
        chosen += found[:: 5 if platform in ("facebook", "x") else 1]
    return [(account, message) for account in chosen for message in said(account)]


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    again, other = World(REGISTER), World(REGISTER, 2017)
    account = next(a for a in WORLD.accounts if len(WORLD.own(a, SINCE, NOW)) > 5)
    assert again.accounts == WORLD.accounts
    assert again.own(account, SINCE, NOW) == WORLD.own(account, SINCE, NOW)
    assert other.accounts != WORLD.accounts


def test_one_body_alone_is_what_it_is_among_the_others() -> None:
    alone = World(REGISTER, only={"be-municipality-44021"})
    among = [a for a in WORLD.accounts if a.organisation_id == "be-municipality-44021"]
    assert alone.accounts == among != []
    for account in among:
        assert alone.own(account, SINCE, NOW) == WORLD.own(account, SINCE, NOW)


def test_asking_for_one_account_writes_no_other() -> None:
    world = World(REGISTER)
    assert world.month.cache_info().currsize == 0
    world.own(world.accounts[0], SINCE, NOW)
    assert world.month.cache_info().currsize == 2  # September, and August for its late threads
    for account in world.accounts[1:]:
        assert world.message(account, make_id(NOW, 0, month_of(NOW), 0)) is None
    assert world.month.cache_info().currsize == 2


def test_more_than_two_thousand_accounts_with_handles_that_the_register_takes() -> None:
    rows = WORLD.account_rows()
    assert len(rows) > 2_000
    assert {row.platform for row in rows} == set(PLATFORMS)
    assert len({(row.platform, row.handle) for row in rows}) == len(rows)
    with_accounts = register.Register(
        REGISTER.organisations, REGISTER.memberships, REGISTER.populations, rows, []
    )
    assert check(with_accounts, None) == []
    assert all(row.is_synthetic and row.source == "sandbox world, seed 2016" for row in rows)


def test_presence_is_near_the_study() -> None:
    here = {(a.organisation_id, a.platform) for a in WORLD.accounts}

    def share(platform: str, chosen: list[str]) -> float:
        return sum((name, platform) in here for name in chosen) / len(chosen)

    towns = [o for o in BODIES if o.organisation_type == "municipality"]
    flemish = [o.organisation_id for o in towns if o.region_code == "02000"]
    dutch = [o.organisation_id for o in towns if o.country == "NL"]
    large = [n for n in flemish if (REGISTER.inhabitants(n, date(2026, 1, 1)) or 0) > 50_000]
    assert share("facebook", flemish) == pytest.approx(0.73, abs=0.04)
    assert share("x", flemish) == pytest.approx(0.65, abs=0.04)
    assert share("facebook", dutch) == pytest.approx(0.90, abs=0.03)
    assert share("x", dutch) == pytest.approx(0.99, abs=0.02)
    assert share("facebook", large) == share("x", large) == 1


def test_accounts_are_found_by_handle_in_any_case_and_by_id() -> None:
    for account in WORLD.accounts[:200]:
        for name in (account.handle.upper(), account.user_id, str(account.user_id)):
            assert WORLD.find(account.platform, name) is account
        assert WORLD.account(account.account_id) is account
    assert WORLD.find("x", "nobody") is None


@settings(max_examples=60)
@given(account=ACCOUNTS, moment=MOMENTS)
def test_ids_tell_time_and_children_follow_parents(account: WorldAccount, moment: datetime) -> None:
    messages = said(account, moment, moment + timedelta(days=40))
    assert len({m.message_id for m in messages}) == len(messages)
    in_order = sorted(messages, key=lambda m: m.message_id)
    assert [m.created_at for m in in_order] == sorted(m.created_at for m in messages)
    for message in messages:
        assert 0 < message.message_id < 2**63 and message.created_at.microsecond == 0
        assert threads.created_at(message.message_id) == message.created_at
        assert WORLD.account_of(message.message_id) is account
        assert WORLD.account_of(message.message_id - 1) is not account
        assert WORLD.message(account, message.message_id) == message
        root = WORLD.message(account, message.root_id)
        assert message.created_at - root.created_at < timedelta(days=14)
        assert (message.parent_id is None) == (message.root_id == message.message_id)
        if message.parent_id is not None:
            parent = WORLD.message(account, message.parent_id)
            assert parent.root_id == message.root_id
            is_skewed = message.created_at < parent.created_at
            assert message.parent_id < message.message_id or (
                is_skewed and account.platform == "bluesky" and message.kind == "reply"
            )
            own_below_own = message.is_own and parent.is_own
            assert own_below_own == (message.kind == "continuation")


@settings(max_examples=40)
@given(account=ACCOUNTS, moments=st.lists(MOMENTS, min_size=3, max_size=3))
def test_intervals_are_half_open_and_add_up(account: WorldAccount, moments: list[datetime]) -> None:
    since, middle, until = sorted(moments)
    whole = WORLD.incoming(account, since, until)
    parts = WORLD.incoming(account, middle, until) + WORLD.incoming(account, since, middle)
    # a part that ends earlier still holds what was taken away since
    assert [m for m in parts if m in whole] == whole
    assert all(WORLD.message(account, m.message_id) for m in parts)
    assert [m.message_id for m in whole] == sorted((m.message_id for m in whole), reverse=True)
    for message in whole[:3]:
        at = message.created_at
        assert message in WORLD.incoming(account, at, at + timedelta(seconds=1))
        assert message not in WORLD.incoming(account, at - timedelta(days=1), at)


@settings(max_examples=60)
@given(account=ACCOUNTS, moment=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=60)))
def test_counters_only_grow_and_followers_are_counts(
    account: WorldAccount, moment: datetime, later: timedelta
) -> None:
    assert WORLD.followers(account, moment) >= 0
    for message in WORLD.own(account, moment - timedelta(days=5), moment)[:5]:
        first = WORLD.counters(account, message, moment)
        second = WORLD.counters(account, message, moment + later)
        for name in ("reactions", "shares", "quotes", "views"):  # a comment may be deleted
            assert 0 <= getattr(first, name) <= getattr(second, name)
        answers = WORLD.answers(account, message.message_id, moment)
        thread = WORLD.thread(account, message.root_id, moment)
        if account.platform not in ("youtube", "instagram", "threads"):
            assert first.comments == len(answers)
        elif message.parent_id is None:  # the answers to answers are counted there too
            assert first.comments == len(thread) - 1
        assert set(answers) < set(thread) and thread[0].message_id == message.root_id
        assert thread == sorted(thread, key=lambda m: m.message_id)


def test_an_answer_with_a_fast_clock_is_not_there_before_its_question() -> None:
    for account in (a for a in WORLD.accounts if a.platform == "bluesky"):
        for reply in WORLD.own(account, SINCE, NOW):
            question = reply.parent_id and WORLD.message(account, reply.parent_id)
            if question and reply.created_at < question.created_at:
                between = reply.created_at + timedelta(seconds=1)
                assert between <= question.created_at
                assert reply not in WORLD.own(account, SINCE, between)
                assert reply not in WORLD.thread(account, reply.root_id, question.created_at)
                after = question.created_at + timedelta(seconds=1)
                assert reply in WORLD.own(account, SINCE, after)
                return
    pytest.fail("no account of the world has such an answer")


def test_the_platforms_have_their_shapes(september: list[tuple[WorldAccount, Message]]) -> None:
    for account, message in september:
        if account.platform != "x" and message.author:
            assert message.parent_id is not None
        if account.platform == "facebook" and message.parent_id not in (None, message.root_id):
            parent = WORLD.message(account, message.parent_id)
            assert parent.parent_id == message.root_id, "a third level on Facebook"
        root = WORLD.message(account, message.root_id)
        assert timedelta(0) <= message.created_at - root.created_at < timedelta(days=14)
        if message.kind == "repost":
            assert message.reposted_text and message.reposted_author
        if message.kind == "reply":
            assert message.mentions[0].name in message.text
            assert f"@{message.mentions[0].handle}" in message.text


def test_every_trap_is_there(september: list[tuple[WorldAccount, Message]]) -> None:
    count: Counter[str] = Counter()
    answered: Counter[int] = Counter()
    for account, message in september:
        parent = message.parent_id and WORLD.message(account, message.parent_id)
        if message.kind == "reply" and parent:
            answered[parent.message_id] += 1
            wait = message.created_at - parent.created_at
            count["late"] += parent.is_question and wait > timedelta(hours=168)
            count["same second"] += wait == timedelta(0)
            count["before its question"] += wait < timedelta(0)
            above = parent.parent_id and WORLD.message(account, parent.parent_id)
            if above and above.is_question and not parent.is_own:
                count[f"nested on {account.platform}"] += 1
            higher = above and above.parent_id and WORLD.message(account, above.parent_id)
            count["nested deeper"] += bool(higher and higher.is_question and not above.is_own)
        if message.is_own:
            count["mentioning"] += message.kind == "original" and bool(message.mentions)
            count[message.kind] += 1
            count["below own reply"] += bool(parent and parent.kind == "reply")
        else:
            count["question"] += message.is_question
            count["standalone"] += message.parent_id is None
            count["url"] += "?" in message.text and "http" in message.text
            count["tags only"] += message.text.endswith(" ?") and "#" in message.text
            second = account.platform == "facebook" and message.parent_id != message.root_id
            count["question on the second level"] += second and message.is_question
    questions = [(a, m) for a, m in september if m.is_question]
    count["unanswered"] = sum(not answered[m.message_id] for _, m in questions)
    count["answered twice"] = sum(
        answered[m.message_id] > 1 for a, m in questions if a.platform != "bluesky"
    )
    assert {name for name, number in count.items() if not number} == {"nested on facebook"} & set(
        count
    )
    for name in ("late", "same second", "before its question", "nested deeper", "answered twice"):
        assert count[name], name
    assert {"repost", "continuation", "reply", "original"} <= set(count)
    assert "nested on facebook" not in count and count["nested on x"]


def test_what_is_a_question_agrees_with_rule_set_q2_and_not_with_q1(
    september: list[tuple[WorldAccount, Message]],
) -> None:
    said = [message for _, message in september if not message.is_own]
    for message in said:
        assert questions.is_question(message.text, "q2") == message.is_question, message.text
    before = [questions.is_question(message.text, "q1") for message in said]
    missed = sum(m.is_question and not old for m, old in zip(said, before, strict=True))
    invented = sum(old and not m.is_question for m, old in zip(said, before, strict=True))
    assert min(missed, invented) > 0.02 * len(said)


def test_some_accounts_are_dormant_steady_unloved_or_without_followers() -> None:
    traits = [WORLD.traits(a) for a in WORLD.accounts]
    dormant = [a for a in WORLD.accounts if WORLD.traits(a).is_dormant]
    assert len(dormant) / len(traits) == pytest.approx(0.03, abs=0.01)
    assert all(WORLD.own(a, SINCE, NOW) == [] for a in dormant)
    steady = next(a for a in WORLD.accounts if WORLD.traits(a).is_steady)
    days = archive.dates(NOW)
    counts = {WORLD.followers(steady, datetime(d.year, d.month, 1, tzinfo=UTC)) for d in days}
    assert counts == {steady.followers_start}
    assert any(t.reaction_rate == 0 for t in traits)
    assert any(a.followers_start == 0 for a in WORLD.accounts)


def test_wallonia_speaks_french_and_flanders_dutch() -> None:
    of = {a.organisation_id: WORLD.traits(a).language for a in WORLD.accounts}
    assert of["be-municipality-44021"] == "nl" and of["be-municipality-62063"] == "fr"
    assert of.get("be-municipality-63023", "de") == "de"


def test_traces_hold_every_citizen_and_nothing_of_the_bodies() -> None:
    world = World(REGISTER, only={"be-municipality-44021", "nl-municipality-gm0363"})
    traces = set(citizen_traces(world, SINCE, NOW))
    for account in world.accounts:
        for message in world.incoming(account, SINCE, NOW):
            person = message.author
            assert {person.name, person.handle, person.avatar_url, message.text} <= traces
            assert person.handle.partition("@")[0].partition(".")[0] in traces
        for message in world.own(account, SINCE, NOW):
            assert {p.handle for p in message.mentions} <= traces
            if message.reposted_author:
                assert {message.reposted_text, message.reposted_author.name} <= traces
        assert not {account.name, account.handle} & traces
    assert min(len(trace) for trace in traces) >= 10


def test_the_archive_has_thirteen_readings_of_every_account(tmp_path: Path) -> None:
    world = World(REGISTER, only={"be-municipality-44021"})
    file = tmp_path / "followers.csv"
    assert archive.write(world, file, NOW) == 13 * len(world.accounts)
    lines = file.read_text().splitlines()
    assert lines[0] == "account,date,followers,source"
    account = world.accounts[0]
    first = world.followers(account, datetime(2025, 9, 1, 12, tzinfo=UTC))
    assert lines[1] == f"{account.account_id},2025-09-01,{first},sandbox archive"
    assert archive.dates(NOW)[-1] == date(2026, 9, 1) and len(archive.dates(NOW)) == 13
    # 23:00 UTC on the last of the month is already October in Brussels
    assert archive.dates(datetime(2026, 9, 30, 23, tzinfo=UTC))[-1] == date(2026, 10, 1)
