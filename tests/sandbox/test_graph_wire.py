"""Faults as Graph says them, the same for the three products but for what each calls its own."""

import json

import pytest

from klankbord.sandbox.facebook_fields import GraphError
from klankbord.sandbox.graph_wire import fault

SPENT = GraphError(400, 80001, "spent", error_subcode=2446079, is_transient=True)
OTHER = GraphError(404, 803, "other")


def said(kind: str, *, has_usage: bool = True) -> tuple[int, int, int | None, str | None]:
    """(HTTP status, code, subcode, the app's usage)."""
    answer = fault(kind, "pages", SPENT, "needs", OTHER, has_usage=has_usage)
    error = json.loads(answer.body)["error"]
    usage = answer.headers.get("x-app-usage")
    return answer.status_code, error["code"], error.get("error_subcode"), usage


def test_an_app_that_asks_too_much_is_told_its_usage_where_the_product_tells_it() -> None:
    status, code, _, usage = said("throttle_400")
    assert (status, code) == (400, 4)
    assert json.loads(usage)["call_count"] == 100
    assert said("throttle_400", has_usage=False) == (400, 4, None, None)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("throttle", (400, 80001, 2446079, None)),
        ("quota_spent", (400, 80001, 2446079, None)),
        ("token_expired", (400, 190, 463, None)),
        ("permission", (403, 10, None, None)),
        ("withdrawn_metric", (400, 100, None, None)),
        ("not_found", (404, 803, None, None)),
    ],
)
def test_each_fault_has_graphs_numbers(kind: str, expected: tuple) -> None:
    assert said(kind) == expected
