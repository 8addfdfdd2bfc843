"""Bad rows for gate 1: what never should arrive."""

from datetime import timedelta

from klankbord import settings
from tests.pipeline.bad_rows import Row, Rows, miss
from tests.pipeline.days import accounts
from tests.pipeline.house import House


def raw_rows(house: House) -> Rows:
    """For each rule of expectations/raw.py."""
    pages = iter(accounts(house, "facebook"))
    handles = iter(accounts(house, "x"))
    servers = accounts(house, "mastodon")
    today, yesterday = settings.today(), settings.today() - timedelta(days=1)
    counted = dict(
        house.rows(
            "select account_id, (payload ->> 'followers_count')::bigint from raw.facebook_profiles"
            " where scan_on = %s",
            yesterday,
        )
    )

    def followers(times: float, more: int = 0, least: int = 100) -> Row:
        page = next(p for p in pages if counted[p.account_id] >= least).account_id
        number = round(counted[page] * times) + more
        return page, (
            "update raw.facebook_profiles set payload = jsonb_set(payload, '{followers_count}',"
            f" '{number}') where account_id = '{page}' and scan_on = '{today}'"
        )

    def profile(payload: str) -> Row:
        page = next(pages).account_id
        return page, (
            f"update raw.facebook_profiles set payload = {payload}"
            f" where account_id = '{page}' and scan_on = '{today}'"
        )

    def items(stream: str, known: int, missing: int) -> Row:
        name = next(handles).account_id
        return name, (
            f"update raw.outcomes set known_count = {known}, missing_count = {missing}"
            f" where account_id = '{name}' and stream = '{stream}' and scan_on = '{today}'"
        )

    def post(created: str) -> Row:
        name = next(
            h
            for h in handles
            if house.rows("select 1 from raw.x_posts where account_id = %s", h.account_id)
        ).account_id
        return name, (
            f"update raw.x_posts set payload = jsonb_set(payload, '{{created_at}}', {created})"
            f" where (account_id, item_id, scan_on) = (select account_id, item_id, scan_on"
            f" from raw.x_posts where account_id = '{name}' order by scan_on desc limit 1)"
        )

    talks = iter(
        house.rows(
            "select distinct on (account_id) account_id, item_id from raw.facebook_messages"
            " where payload #>> '{klankbord,is_own}' = 'false' order by account_id desc"
        )
    )

    def citizen(key: str, value: str) -> Row:
        page, item = next(talks)
        return page, (
            f"update raw.facebook_messages set payload = payload || '{{\"{key}\": {value}}}'"
            f" where account_id = '{page}' and item_id = '{item}'"
        )

    absent = profile("payload - 'followers_count'")
    negative = profile("jsonb_set(payload, '{followers_count}', '-1')")
    own = (
        'update raw.facebook_messages set payload = payload || \'{"message": "Dag"}\''
        " where payload #>> '{klankbord,is_own}' = 'true'"
    )
    known = accounts(house, "x")[0].account_id
    nobody = (
        "insert into raw.outcomes select 'nobody-x', platform, stream, scan_on, status, reason,"
        " detail, row_count, window_since, window_until, attempts, attempted_at, extraction_id"
        f" from raw.outcomes where account_id = '{known}' and scan_on = '{today}'"
    )
    silent = (
        "update raw.outcomes set status = 'failed', reason = 'timeout' where platform = 'mastodon'"
        f" and scan_on = '{today}' and account_id < '{servers[len(servers) // 5 + 1].account_id}'"
    )
    return {
        "followers_are_a_count": [absent, negative],
        "followers_did_not_collapse": [
            followers(0.5, -1),
            followers(0),
            miss(followers(0.5, 1)),
            (negative[0], "select 'less than nothing is less than half, too'"),
        ],
        "followers_did_not_explode": [followers(20, 1), miss(followers(20))],
        "items_did_not_collapse": [
            items("posts", 11, 6),
            items("messages", 10, 10),
            miss(items("posts", 10, 5)),
            miss(items("messages", 9, 9)),
        ],
        "posts_are_not_from_the_future": [
            post("to_jsonb(observed_at + interval '25 hours')"),
            post("'null'"),
            miss(post("to_jsonb(observed_at + interval '23 hours')")),
        ],
        "accounts_are_registered": [("nobody-x", nobody)],
        "citizens_stay_nobody": [
            citizen("message", '"Wanneer is het containerpark open?"'),
            citizen("from", '{"id": 1, "name": "Jan"}'),
            citizen("attachments", '[{"n": 1, "target": {"username": "jan"}}]'),
            miss(citizen("like_count", "3")),
            ("", own),
        ],
        "platform_is_nearly_complete": [("mastodon", silent)],
    }
