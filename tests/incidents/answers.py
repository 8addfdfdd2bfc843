"""What is built, beside the truth."""

import math

from klankbord.sandbox.truth_incidents import IncidentTruth
from tests.pipeline.house import House


def close(said: object, true: object) -> bool:
    if isinstance(true, (bool, str)) or None in (said, true):
        return said == true
    return math.isclose(float(said), float(true), rel_tol=1e-9, abs_tol=1e-9)


def compare(what: str, expected: dict, found: dict) -> list[str]:
    """A line for each difference."""
    assert expected, "the truth says nothing: the comparison would prove nothing"
    lines = [f"{what} missing {key}" for key in expected.keys() - found.keys()]
    lines += [f"{what} invented {key}: {found[key]}" for key in found.keys() - expected.keys()]
    for key in expected.keys() & found.keys():
        said, true = found[key], expected[key]
        if len(said) != len(true) or not all(map(close, said, true)):
            lines.append(f"{what} {key}: {said}, and the truth is {true}")
    return sorted(lines)


def built(house: House, query: str, size: int) -> dict:
    """The rows of a query by their first `size` columns."""
    rows = house.rows(query, role="klankbord_publisher")
    return {row[:size]: row[size:] for row in rows}


def differences(house: House, truth: IncidentTruth) -> list[str]:
    """M34 and M35 of every channel and organisation, M36 of every platform and incident."""
    figures = "delay_minutes, updates_6h, median_update_gap_minutes, is_within_norm, missing_reason"
    said = {
        "channel": (truth.channels(), "organisation_id, platform", 3),
        "organisation": (truth.organisations(), "organisation_id", 2),
    }
    found: list[str] = []
    for table, (spoken, key, size) in said.items():
        found += compare(
            table,
            {k: (s.delay_minutes, s.updates, s.gap_minutes, s.is_within_norm, s.missing)
             for k, s in spoken},
            built(
                house,
                f"select incident_id, {key}, {figures} from reporting.rpt_incident_{table}"
                + (" where missing_reason is distinct from 'no_account'" if size == 3 else ""),
                size,
            ),
        )  # fmt: skip
    found += compare(
        "M36",
        {key: counts or (None, None) for key, counts in truth.amplification()},
        built(
            house,
            "select incident_id, platform, amplifying_partners, partners"
            " from reporting.rpt_incident_amplification",
            2,
        ),
    )
    return found + compare(
        "M36 of all",
        {(i.key,): truth.amplified(i) or (None, None) for i in truth.incidents},
        built(
            house,
            "select incident_id, amplifying_partners, partners from reporting.rpt_incident",
            1,
        ),
    )
