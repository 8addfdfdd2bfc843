"""Figures as `klankbord figures` writes them."""

from typing import Any

import pytest
from rich.console import Console

from klankbord.cli import figures

WAIT = {"aggregation": "kaplan_meier", "window_hours": 168}


def said(**given: Any) -> str:
    row = {
        "metric_id": "M29k", "metric_name_en": "Wait", "platform": "x", "group_id": "g",
        "period": "2026-09", "missing_reason": None, "value": 12.0, "unit": "hours", "q1": 3.0,
        "q3": 168.0, "n": 12, "n_members": 20, "coverage": 1.0, "status": "final",
        "is_synthetic": False, "parameters": WAIT,
    } | given  # fmt: skip
    console = Console(width=200)
    with console.capture() as caught:
        console.print(figures.table([row]))
    return caught.get()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["12.0", "3.00 – over 168", "12 of 20", "100%"]),
        ({"value": 168.0, "q1": 168.0}, ["over 168", "over 168 – over 168"]),
        # a mean of the answered that is as long is a number like another
        ({"value": 168.0, "q3": 200.0, "parameters": {"aggregation": "median"}}, ["3.00 – 200"]),
        ({"value": None, "q1": None, "n": None, "missing_reason": "suppressed"},
         ["(suppressed)", "hidden of 20"]),
    ],
)  # fmt: skip
def test_a_wait_that_outlasts_its_window_is_over_it(given: dict, words: list[str]) -> None:
    text = said(**given)
    assert all(word in text for word in words)
    assert ("over 168" in text) == any("over" in word for word in words)
