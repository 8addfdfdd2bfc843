"""Consents: the tier that holds, a withdrawal at once, and what goes with it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from klankbord import consent, database, privacy_keys, register, roster, settings, tokens
from klankbord.cli.main import app
from klankbord.errors import RegisterError
from klankbord.register.rows import Consent
from tests.pipeline.house import NOW

DAY = date(2026, 9, 30)
ACCOUNT = "be-municipality-1-x"


@pytest.fixture
def access(warehouse, monkeypatch):
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    monkeypatch.setenv("KLANKBORD_SANDBOX", "0")
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, is_synthetic, basis, source, recorded_at, source_file, source_line)"
            " values (%s, 'be-municipality-1', 'x', 'h', 'official', 'T3', false, 'declared', 's',"
            " now(), 'f', 1)",
            [ACCOUNT],
        )
    return warehouse


def run(access, statement: str, *values):
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def grant(access, scope="insights", on=DAY, until=None, expires=None):
    run(
        access,
        "insert into register.consents values (%s, %s, %s, %s, %s, 'letter 7', 'f', 1, now())",
        *(ACCOUNT, scope, on, until, expires),
    )


def tier(access, on=DAY) -> str:
    [account] = roster.accounts(access, "x", on)
    assert consent.effective_tier(access, ACCOUNT, on) == account.access_tier
    return account.access_tier


def test_owner_data_needs_a_consent_in_force(access):
    assert tier(access) == "T2"
    grant(access, on=DAY, until=DAY + timedelta(days=2))
    days = [DAY + timedelta(days=n) for n in (-1, 0, 1, 2, 3)]
    assert [tier(access, day) for day in days] == ["T2", "T3", "T3", "T2", "T2"]


def test_a_withdrawn_scope_takes_the_tiers_above_it(access):
    grant(access)
    grant(access, "messages", DAY - timedelta(days=9), DAY)
    assert tier(access, DAY - timedelta(days=1)) == "T2"
    assert tier(access) == "T1"
    grant(access, "posts", DAY - timedelta(days=9), DAY)
    assert tier(access) == "T0"


def test_an_invented_account_needs_none_and_can_withdraw(access, monkeypatch):
    run(access, "update register.accounts set is_synthetic = true")
    monkeypatch.setenv("KLANKBORD_SANDBOX", "1")
    assert tier(access) == "T3"
    consent.withdraw(access, ACCOUNT, NOW, DAY, ["insights"])
    assert tier(access) == "T2"


def test_a_withdrawal_outvotes_the_file_until_a_new_consent(access):
    grant(access, on=DAY - timedelta(days=30))
    consent.withdraw(access, ACCOUNT, NOW, DAY)
    assert tier(access, DAY - timedelta(days=1)) == "T3"
    assert tier(access) == tier(access, DAY + timedelta(days=300)) == "T2"
    grant(access, on=DAY + timedelta(days=10))
    assert tier(access, DAY + timedelta(days=9)) == "T2"
    assert tier(access, DAY + timedelta(days=10)) == "T3"


@hypothesis_settings(max_examples=25)
@given(st.data())
def test_the_tier_is_what_plain_python_says(postgres, data):
    """The SQL against the rule in words, over random histories."""
    days = st.integers(-3, 3).map(lambda n: DAY + timedelta(days=n))
    rows = data.draw(
        st.lists(
            st.tuples(st.sampled_from(consent.SCOPES), days, st.none() | days), max_size=5
        ).map(lambda rows: [r for r in rows if r[2] is None or r[1] <= r[2]])
    )
    rows = list({r[:2]: r for r in rows}.values())
    withdrawn = data.draw(st.sets(st.tuples(st.sampled_from(consent.SCOPES), days), max_size=3))
    with postgres.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        for table in ("accounts", "consents", "withdrawals"):
            cursor.execute(f"delete from register.{table} where account_id = %s", [ACCOUNT])
        cursor.execute(
            "insert into register.accounts (account_id, organisation_id, platform, handle, role,"
            " access_tier, is_synthetic, basis, source, recorded_at, source_file, source_line)"
            " values (%s, 'o', 'x', 'h', 'official', 'T3', false, 'declared', 's', now(), 'f', 1)",
            [ACCOUNT],
        )
        for scope, granted, until in rows:
            cursor.execute(
                "insert into register.consents values (%s, %s, %s, %s, null, 'e', 'f', 1, now())",
                [ACCOUNT, scope, granted, until],
            )
        for scope, on in withdrawn:
            cursor.execute(
                "insert into register.withdrawals values (%s, %s, %s, now())", [ACCOUNT, scope, on]
            )

    def in_force(scope):
        return any(
            s == scope and granted <= DAY and (until is None or until > DAY)
            and not any(w == scope and granted <= on <= DAY for w, on in withdrawn)
            for s, granted, until in rows
        )  # fmt: skip

    def ended(scope):
        return any(s == scope and until and until <= DAY for s, _, until in rows) or any(
            w == scope and on <= DAY for w, on in withdrawn
        )

    said = "T3" if in_force("insights") else "T2"
    for scope, left in (("insights", "T2"), ("messages", "T1"), ("posts", "T0")):
        if ended(scope) and not in_force(scope):
            said = min(said, left)
    try:
        assert consent.effective_tier(postgres, ACCOUNT, DAY) == said
    finally:
        with postgres.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            for table in ("accounts", "consents", "withdrawals"):
                cursor.execute(f"delete from register.{table} where account_id = %s", [ACCOUNT])


def test_a_withdrawal_removes_what_rests_on_it_and_says_refused(house):
    [(account,)] = house.rows(
        "select account_id from raw.x_messages group by 1 order by count(*) desc limit 1"
    )
    with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into raw.x_insights (account_id, item_id, scan_on, observed_at, payload,"
            " extraction_id) select account_id, 'account/views/day/' || scan_on, scan_on,"
            " attempted_at, '{}', extraction_id from raw.outcomes where account_id = %s and"
            " stream = 'posts' on conflict do nothing",
            [account],
        )
        cursor.execute(
            "insert into quarantine.rows (gate, expectation, subject, table_name, content) values"
            " ('raw', 'e', %s, 'raw.x_insights', '{}'), ('raw', 'e', %s, 'raw.x_posts', '{}')",
            [account, account],
        )
    others = "select count(*) from raw.x_messages where account_id <> %s"
    posts = "select count(*) from raw.x_posts where account_id = %s"
    kept = house.rows(others, account), house.rows(posts, account)
    rows = consent.withdraw(house.access, account, settings.now(), DAY, ["messages"])
    assert rows["raw.x_messages"] > 0 and rows["raw.x_insights"] > 0
    assert rows["quarantine.rows"] == 1
    for table in ("x_messages", "x_insights"):
        assert house.rows(f"select 1 from raw.{table} where account_id = %s", account) == []
    assert (house.rows(others, account), house.rows(posts, account)) == kept
    said = dict(
        house.rows(
            "select distinct stream, status || '/' || reason from raw.outcomes"
            " where account_id = %s and status <> 'failed'",
            account,
        )
    )
    assert said["messages"] == "refused/consent_withdrawn"
    assert said["posts"] == "ok/"
    assert consent.withdraw(house.access, account, settings.now(), DAY, ["messages"]) == {}
    assert consent.apply_withdrawals(house.access, settings.now(), DAY) == {}
    actions = "select kind, asked_by from raw.privacy_actions"
    assert house.rows(actions) == [("withdrawal", "organisation")]
    house.at(NOW + timedelta(hours=12))
    house.scan("x")
    assert house.rows("select 1 from raw.x_messages where account_id = %s", account) == []


def test_a_withdrawal_in_the_file_is_applied_by_the_sync(access):
    grant(access, until=DAY)
    run(
        access,
        "insert into raw.x_insights (account_id, item_id, scan_on, observed_at, payload,"
        " extraction_id) values (%s, 'i', %s, now(), '{}', gen_random_uuid())",
        *(ACCOUNT, DAY),
    )
    done = consent.apply_withdrawals(access, NOW, DAY - timedelta(days=1))
    assert done == {} and run(access, "select count(*) from raw.x_insights") == [(1,)]
    assert consent.apply_withdrawals(access, NOW, DAY) == {ACCOUNT: {"raw.x_insights": 1}}
    assert run(access, "select count(*) from raw.x_insights") == [(0,)]


def test_what_a_page_likes_goes_with_its_owners_consent(access):
    """The messages stay: they rest on another consent. Nobody else's likes are touched."""
    for account in (ACCOUNT, "other"):
        run(
            access,
            "insert into raw.facebook_messages (account_id, item_id, scan_on, observed_at, payload,"
            " extraction_id) values (%s, 'm', %s, %s, %s, %s)",
            account, DAY, NOW, '{"id": "m", "user_likes": true}',
            "00000000-0000-0000-0000-000000000001",
        )  # fmt: skip
        run(
            access,
            "insert into quarantine.rows (gate, expectation, subject, table_name, content) values"
            " ('raw', 'a_rule', %s, 'raw.facebook_messages', %s)",
            account, '{"item_id": "m", "payload": {"id": "m", "user_likes": true}}',
        )  # fmt: skip
    consent.withdraw(access, ACCOUNT, NOW, DAY, ["insights"])
    kept = {"other": {"id": "m", "user_likes": True}, ACCOUNT: {"id": "m"}}
    assert dict(run(access, "select account_id, payload from raw.facebook_messages")) == kept
    aside = run(access, "select subject, content -> 'payload' from quarantine.rows")
    assert dict(aside) == kept


def test_what_was_read_before_a_withdrawal_does_not_land_after_it(access):
    grant(access)
    keyring = privacy_keys.load_for(access, "x")
    consent.withdraw(access, ACCOUNT, NOW, DAY)  # nothing was there to be removed
    with (
        access.connect("klankbord_loader") as connection,
        connection.cursor() as cursor,
        pytest.raises(privacy_keys.PrivacyChangedError),
    ):
        privacy_keys.hold(cursor, "x", keyring)


def test_faults_are_named(access):
    with pytest.raises(consent.ConsentError, match="is no scope: choose insights"):
        consent.withdraw(access, ACCOUNT, NOW, DAY, ["everything"])
    with pytest.raises(consent.ConsentError, match="No consent of"):
        consent.withdraw(access, ACCOUNT, NOW, DAY)
    with pytest.raises(consent.ConsentError, match="no account 'zzz'"):
        consent.withdraw(access, "zzz", NOW, DAY, ["posts"])
    with pytest.raises(consent.ConsentError, match="valid on"):
        consent.effective_tier(access, "zzz", DAY)


HEADER = "account_id,scope,granted_on,withdrawn_on,token_expires_on,evidence\n"


def consents(folder, *lines: str):
    file = folder / "consents.csv"
    file.write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return register.read([settings.PROJECT_ROOT / "register", folder])


def test_the_register_reads_consents_and_names_faults(tmp_path, warehouse):
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(
        "account_id,organisation_id,platform,handle,platform_user_id,role,access_tier,valid_from,"
        "valid_to,is_synthetic,basis,source\n"
        "leuven-x,be-municipality-24062,x,stadleuven,,official,T3,,,false,declared,mail\n",
        encoding="utf-8",
    )
    good = "leuven-x,insights,2026-01-01,,2026-10-10,letter of 2026-01-01"
    found = consents(tmp_path, good)
    [row] = found.consents
    assert isinstance(row, Consent) and row.token_expires_on == date(2026, 10, 10)
    with warehouse.connect("klankbord_loader") as connection:
        assert register.load(connection, found, NOW).tables["consents"].inserted == 1
    with warehouse.connect("klankbord_loader") as connection:
        assert not register.load(connection, found, NOW).has_changes
    [warning] = tokens.expiring(warehouse, DAY)
    assert warning.days_left == 10 and "expires in 10 days, on 2026-10-10" in str(warning)
    for line, says in (
        ("leuven-x,everything,2026-01-01,,,e", "scope 'everything' is unknown"),
        ("gent-x,insights,2026-01-01,,,e", "is in no accounts.csv"),
        ("leuven-x,insights,2026-01-02,2026-01-01,,e", "lies before granted_on"),
        (good, "is a duplicate of"),
        ("leuven-x,insights,1 Jan,,,e", "granted_on '1 Jan' is not a date"),
        ("leuven-x,messages,2026-01-01,,,", "evidence is empty"),
    ):
        with pytest.raises(RegisterError, match=says):
            consents(tmp_path, good, line)


def test_withdrawing_by_command_works_in_one_go(access, monkeypatch):
    grant(access, expires=DAY + timedelta(days=3))

    class Running:
        def __enter__(self):
            return access

        def __exit__(self, *_):
            return False

    monkeypatch.setattr(database, "running", Running)
    said = CliRunner().invoke(app, ["consent", "status", ACCOUNT]).output
    assert "in force" in said and "expires in 3 days" in said
    assert CliRunner().invoke(app, ["consent", "withdraw", ACCOUNT]).exit_code == 0
    assert tier(access) == "T2"
    said = CliRunner().invoke(app, ["consent", "status", ACCOUNT]).output
    assert "withdrawn 2026-09-30" in said and "expires" not in said
