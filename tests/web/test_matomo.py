"""Visits through Matomo's reporting API: its versions, its refusals, what is stored of it."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from klankbord import database, settings
from klankbord.errors import KlankbordError, SettingsError
from klankbord.http import Client
from klankbord.verdicts import BadRequest, Gone, Refused, RequestError, ServerError, Throttled
from klankbord.web.collect import collect
from klankbord.web.matomo import Day, Matomo, classify
from klankbord.web.networks import NETWORKS, by_domain, network_of
from tests.matomo_server import MatomoServer, matomo_server

FIRST, LAST = date(2026, 9, 27), date(2026, 9, 29)
TOKEN = "sandbox-token"


@pytest.fixture
def matomo() -> Iterator[MatomoServer]:
    days = [date(2026, 9, 30) - timedelta(days=n) for n in range(45)]
    with matomo_server(
        visits={"3": dict.fromkeys(days, 200)},
        socials={"3": {LAST: {"Facebook": 12, "Twitter": 3, "LinkedIn": 2, "Hyves": 1}}},
        websites={
            "3": {
                LAST: {"bsky.app": 4, "lnkd.in": 5, "www.gent.be": 90, "l.facebook.com": 7},
                FIRST: {"www.gent.be": 90, "notfacebook.com.example": 4},
            }
        },
    ) as server:
        yield server


def read(server: MatomoServer, site: str = "3", token: str = TOKEN) -> list[Day]:
    client = Client(server.url, classify, backoff_seconds=0, only_loopback=True)
    try:
        return list(Matomo(client, site, token).days(FIRST, LAST))
    finally:
        client.close()


def test_visits_by_day_and_network(matomo: MatomoServer) -> None:
    days = read(matomo)
    assert [day.visited_on for day in days] == [FIRST, FIRST + timedelta(days=1), LAST]
    assert [dict(day.networks) for day in days[:2]] == [{}, {}]
    # since Matomo 4 a visit has one referrer: what stands among the websites comes on top
    assert days[2] == Day(
        LAST, 200, {"facebook": 19, "x": 3, "linkedin": 7, "other": 1, "bluesky": 4}
    )


def test_matomo_3_lists_a_network_twice(matomo: MatomoServer) -> None:
    matomo.version, matomo.text_numbers = "3.14.1", True
    matomo.websites["3"][LAST] |= {"facebook.com": 5}  # 7 + 5 are the same 12 visits
    assert read(matomo)[2].networks == {
        "facebook": 12, "x": 3, "linkedin": 5, "other": 1, "bluesky": 4
    }  # fmt: skip


def test_the_token_stands_in_no_address(matomo: MatomoServer, caplog) -> None:
    caplog.set_level("DEBUG")
    read(matomo)
    assert len(matomo.asked) == 4 and all(one["token_auth"] == TOKEN for one in matomo.asked)
    assert all(TOKEN not in url and url.endswith("/stats/index.php") for url in matomo.addresses)
    assert TOKEN not in caplog.text and "POST /stats/index.php -> 200" in caplog.text


def refusal(message: str, status: int = 200) -> Response:
    return Response(json.dumps({"result": "error", "message": message}), status)


@pytest.mark.parametrize(
    ("answers", "error", "reason"),
    [
        ([refusal("Unable to authenticate with the provided token. It is …", 401)], Refused,
         "token_expired"),
        ([refusal("You must be logged in to access this functionality. jan.peeters")], Refused,
         "token_expired"),
        ([refusal("You can't access this resource as it requires 'view' access for the website id ="
                  " 3. (jan.peeters)")], Refused, "permission"),
        ([refusal("An unexpected website was found in the request: website id was set to '3' .",
                  500)], Gone, "site_not_found"),
        ([refusal("The method 'getSocials' is disabled.")], BadRequest, "bad_request"),
        ([Response("<html>", 404)], Gone, "site_not_found"),
        ([Response("<html>", 403)], Refused, "permission"),
        ([Response("<html>", 429, {"retry-after": "60"})], Throttled, "throttled"),
        ([Response("", 301, {"location": "https://elders.example"})], BadRequest, "moved"),
        ([Response("<html>", 503)] * 4, ServerError, "server_error"),
        ([Response("<html>", 200)] * 4, ServerError, "malformed_answer"),
        ([Response('{"value": "five"}')], ServerError, "malformed_answer"),
        ([Response('{"value": "5.1"}'), Response('{"value": 12}')], ServerError,
         "malformed_answer"),
        ([Response('{"value": "5.1"}'), Response('{"2026-09-27": "1.234"}')], BadRequest,
         "malformed_answer"),
        ([Response('{"value": "5.1"}'), Response('{"2026-09-27": true}')], BadRequest,
         "malformed_answer"),
        ([Response('{"value": "5.1"}'), Response('{"2026-09-27": 3}'),
          Response('{"2026-09-27": [{"label": "Facebook"}]}')], ServerError, "malformed_answer"),
    ],
)  # fmt: skip
def test_each_way_of_saying_no(matomo: MatomoServer, answers, error, reason: str) -> None:
    matomo.say = list(answers)
    with pytest.raises(RequestError) as raised:
        read(matomo)
    assert (type(raised.value), raised.value.reason) == (error, reason)
    assert "peeters" not in str(raised.value) and TOKEN not in str(raised.value)


def test_a_busy_matomo_is_asked_again(matomo: MatomoServer) -> None:
    matomo.say = [Response("<html>", 503)]
    assert len(read(matomo)) == 3


def test_an_old_and_a_new_matomo_refuse_a_wrong_token(matomo: MatomoServer) -> None:
    for version in ("3.14.1", "5.3.1"):
        matomo.version = version
        with pytest.raises(Refused) as raised:
            read(matomo, token="wrong")
        assert raised.value.reason == "token_expired"


def test_days_that_nobody_asked_for_and_rows_without_numbers(matomo: MatomoServer) -> None:
    matomo.say = [
        Response('{"value": "5.1"}'),
        Response('{"2026-09-27": {"nb_visits": 5}, "2025-01-01": 9}'),
        Response("[]"),
        Response("[]"),
    ]
    assert read(matomo) == [Day(FIRST, 5, {})]
    matomo.say = [Response('{"value": "5.1"}'), *[Response("[]")] * 3]
    assert read(matomo) == []


@pytest.mark.parametrize(
    ("label", "network"),
    [
        ("Facebook", "facebook"), ("Twitter", "x"), ("X (Twitter)", "x"), ("X", "x"),
        ("t.co", "x"), ("l.facebook.com", "facebook"), ("M.FACEBOOK.COM", "facebook"),
        ("com.facebook.katana", "facebook"), ("android-app://com.linkedin.android/", "linkedin"),
        ("lnkd.in", "linkedin"), ("go.bsky.app", "bluesky"), ("threads.net", "threads"),
        ("mastodon.social", "mastodon"), ("www.youtube.com:443", "youtube"), ("wa.me", "whatsapp"),
        ("Hyves", "other"), ("fedex.com", "other"), ("xx.com", "other"), ("netflix.com", "other"),
    ],
)  # fmt: skip
def test_networks_by_name_and_address(label: str, network: str) -> None:
    assert network_of(label) == network


@given(st.text(max_size=40))
def test_any_label_is_some_network(label: str) -> None:
    assert network_of(label) in NETWORKS
    assert by_domain(label) in (*NETWORKS, None) and by_domain(label) != "other"


# -- from the register to the rows --

NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
BODY = "be-municipality-44021"


@pytest.fixture(scope="module")
def house(postgres: database.Access) -> Iterator[database.Access]:
    from tests.databases import new_warehouse

    with new_warehouse(postgres) as access:
        yield access


@pytest.fixture
def town(house: database.Access, matomo: MatomoServer, monkeypatch) -> database.Access:
    """The register knows site 3 of one body; the owner's token is in the environment."""
    monkeypatch.setenv("KLANKBORD_NOW", NOW.isoformat())
    monkeypatch.setenv("KLANKBORD_SANDBOX", "0")  # there every owner has given a token
    monkeypatch.setenv("KLANKBORD_TOKEN__MATOMO__BE_MUNICIPALITY_44021", TOKEN)
    with house.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from raw.web_days; delete from raw.web_outcomes")
        cursor.execute("update register.web_sites set superseded_at = now()")
    declare(house, "3", matomo.url)
    return house


def declare(access: database.Access, site: str, url: str, body: str = BODY, since=None) -> None:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into register.web_sites values (%s, %s, %s, %s, null, 'declared', 't', 'f', 1,"
            " now(), null)",
            [body, site, url, since],
        )


def rows(access: database.Access, query: str) -> list[tuple]:
    with access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def at(moment: datetime) -> None:
    os.environ["KLANKBORD_NOW"] = moment.isoformat()
    assert settings.now() == moment


def asked_days(matomo: MatomoServer) -> str:
    return matomo.asked[1]["date"]


def test_the_token_comes_from_where_all_owners_tokens_come(town, monkeypatch) -> None:
    """Airflow's DAG hands its own source over; nothing but that is asked."""
    monkeypatch.delenv("KLANKBORD_TOKEN__MATOMO__BE_MUNICIPALITY_44021")
    (done,) = collect(town)
    assert (done.status, done.reason) == ("refused", "token_missing")
    asked = []

    def of_a_connection(platform: str, organisation_id: str) -> str:
        asked.append((platform, organisation_id))
        return TOKEN

    (done,) = collect(town, owner_token=of_a_connection)
    assert (done.status, done.days) == ("ok", 30)
    assert asked == [("matomo", BODY)]


def test_only_days_that_are_over_and_the_last_three_again(town, matomo: MatomoServer) -> None:
    (done,) = collect(town)
    assert (done.status, done.reason, done.days, done.changed) == ("ok", "", 30, 30)
    assert asked_days(matomo) == "2026-08-31,2026-09-29"
    assert rows(town, "select min(visited_on), max(visited_on), sum(visits) from raw.web_days") == [
        (date(2026, 8, 31), date(2026, 9, 29), 6000)
    ]
    assert dict(rows(town, "select network, visits from raw.web_visits"))["facebook"] == 19
    # a visit that was counted late, and one that came off the list
    matomo.visits["3"][LAST] = 203
    matomo.socials["3"][LAST] = {"Facebook": 15}
    matomo.asked.clear()
    (done,) = collect(town)
    assert asked_days(matomo) == "2026-09-27,2026-09-29" and (done.days, done.changed) == (3, 1)
    assert rows(town, "select network, visits from raw.web_visits order by 1") == [
        ("bluesky", 4), ("facebook", 22), ("linkedin", 5)
    ]  # fmt: skip
    assert rows(town, "select status, reason, day_count from raw.web_outcomes") == [("ok", "", 3)]
    (done,) = collect(town)
    assert done.changed == 0


def test_what_was_missed_is_caught_up_on(town, matomo: MatomoServer) -> None:
    collect(town)
    at(NOW + timedelta(days=9))
    matomo.visits["3"] |= {date(2026, 9, 30) + timedelta(days=n): 100 for n in range(20)}
    matomo.asked.clear()
    (done,) = collect(town)
    assert asked_days(matomo) == "2026-09-30,2026-10-08" and done.changed == 9
    matomo.asked.clear()
    collect(town, since=date(2026, 9, 1))
    assert asked_days(matomo) == "2026-09-01,2026-10-08"


def test_one_site_that_fails_stops_no_other(town, matomo: MatomoServer, monkeypatch) -> None:
    declare(town, "99", matomo.url)
    declare(town, "5", matomo.url, "be-municipality-46021")  # its owner gave no token
    declare(town, "4", "http://matomo.gent.example")
    done = {(c.site.organisation_id, c.site.site_id): (c.status, c.reason) for c in collect(town)}
    assert done == {
        (BODY, "3"): ("ok", ""),
        (BODY, "99"): ("gone", "site_not_found"),
        (BODY, "4"): ("refused", "insecure_address"),
        ("be-municipality-46021", "5"): ("refused", "token_missing"),
    }
    named = rows(town, "select detail from raw.web_outcomes where reason = 'token_missing'")
    assert named == [("No token: set KLANKBORD_TOKEN__MATOMO__BE_MUNICIPALITY_46021.",)]
    stored = rows(town, "select o::text from raw.web_outcomes as o")
    assert not any(TOKEN in text for (text,) in stored)


def test_a_day_that_shrank_keeps_what_it_was(town, matomo: MatomoServer) -> None:
    collect(town)
    matomo.visits["3"][LAST] = 99
    (done,) = collect(town)
    assert (done.status, done.reason, done.days) == ("failed", "shrunken", 2)
    assert rows(town, f"select visits from raw.web_days where visited_on = '{LAST}'") == [(200,)]
    matomo.visits["3"][LAST] = 100
    (done,) = collect(town)
    assert done.status == "ok" and done.changed == 1


def test_a_day_without_a_visit_was_not_measured(town, matomo: MatomoServer) -> None:
    matomo.visits["3"][date(2026, 9, 20)] = 0
    (done,) = collect(town)
    assert done.days == 29 and "2026-09-20" in done.detail and done.status == "ok"
    assert not rows(town, "select 1 from raw.web_days where visited_on = '2026-09-20'")


def test_a_site_is_read_from_when_it_is_valid(town, matomo: MatomoServer) -> None:
    with town.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("update register.web_sites set superseded_at = now()")
    declare(town, "3", f"{matomo.url}/index.php", since=date(2026, 9, 25))
    collect(town)
    assert asked_days(matomo) == "2026-09-25,2026-09-29"
    at(datetime(2026, 9, 25, 8, tzinfo=UTC))
    matomo.asked.clear()
    with town.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("delete from raw.web_days")
    (done,) = collect(town)
    assert (done.status, done.days, matomo.asked) == ("ok", 0, [])


def test_wrong_questions_are_one_sentence(town) -> None:
    with pytest.raises(SettingsError, match="not over yet"):
        collect(town, since=date(2026, 9, 30))
    with pytest.raises(KlankbordError, match="no website of be-municipality-1"):
        collect(town, only=["be-municipality-1"])
