"""A metric that a platform refuses leaves a row, whoever asked for it, and costs no account."""

from datetime import timedelta

from tests.pipeline.house import NOW

from klankbord.landing import Landing
from klankbord.platforms.base import FieldRules, Window
from klankbord.platforms.events import INSIGHT_KEYS, MetricRefused, Outcome

FIELDS = {"insights": FieldRules(own=INSIGHT_KEYS, citizen=frozenset())}


def test_a_refused_metric_is_noted_with_its_days(warehouse) -> None:
    days = [NOW, NOW + timedelta(days=2), NOW + timedelta(days=1)]
    for moment in days:
        connection = warehouse.open("klankbord_loader")
        landing = Landing(
            connection,
            "facebook",
            Window.ending(moment),
            streams={name: ("insights",) for name in ("a", "b", "late")},
            fields=FIELDS,
            key="key",
            run_id="test",
            now=moment,
        )
        for account_id in ("b", "a"):
            landing.add(MetricRefused(account_id, "page_views_total", f"(Graph #100/{account_id})"))
            landing.add(Outcome(account_id, "insights", "ok"))
        landing.add(MetricRefused("late", "post_clicks", "never complete"))
        landing.close(1)
        connection.close()
    with warehouse.connect("klankbord_loader") as connection, connection.cursor() as cursor:
        cursor.execute("select * from raw.metric_refusals")
        [row] = cursor.fetchall()
    first, last = NOW.date(), (NOW + timedelta(days=2)).date()
    assert row == ("facebook", "page_views_total", first, last, "(Graph #100/b)")
