"""M47: whatever the evidence, dbt's phases are those of plain Python."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klankbord.sandbox.truth_policy import RULES, Seen, growth, measured, phase, states
from tests.policy.test_maturity import MONTHS, Facts, compute, said
from tests.policy.warehouse import bench


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    platforms = draw(st.lists(st.sampled_from(["a", "b"]), unique=True))
    seen = st.builds(
        lambda top, bottom, cases: Seen(top if bottom else None, bottom, cases if bottom else 0),
        st.sampled_from([0, 1, 2, 4, 5, 13]), st.sampled_from([None, 20, 28, 40]),
        st.sampled_from([1, 3, 5, 10]),
    )  # fmt: skip
    counts = st.none() | st.sampled_from([0, 10, 11])
    return {
        rule: {
            platform: draw(st.tuples(counts, counts))
            if rule == "P2-growth"
            else [draw(seen) for _ in MONTHS]
            for platform in platforms
        }
        for rule in RULES
    }


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    towns=st.lists(facts(), min_size=1, max_size=8),
    given=st.lists(st.dictionaries(st.sampled_from(sorted(RULES)), st.booleans()), max_size=8),
)
def test_any_evidence_is_what_plain_python_makes_of_it(built, towns, given) -> None:
    bodies = {f"t{number}": town for number, town in enumerate(towns)}
    answers = {f"t{number}": said for number, said in enumerate(given) if f"t{number}" in bodies}
    with bench(built) as desk:
        compute(desk, bodies, answers)
        found = said(desk)
        rows = {
            (body, rule): rest
            for body, rule, *rest in desk.rows(
                "select organisation_id, rule_id, value, state, basis, missing_reason is null"
                " from reporting.rpt_maturity_evidence"
            )
        }
    for body, town in bodies.items():
        values = {
            rule: growth(months) if rule == "P2-growth" else measured(rule, months)
            for rule, months in town.items()
        }
        true = states(values, answers.get(body, {}))
        for rule, (is_met, basis) in true.items():
            value, state, found_basis, has_no_reason = rows[body, rule]
            assert state == {True: "met", False: "not_met", None: "unknown"}[is_met]
            assert has_no_reason is (is_met is not None)
            assert found_basis == basis
            if basis == "census" and is_met is not None:
                assert math.isclose(value, values[rule], rel_tol=1e-9, abs_tol=1e-9)
        assert found[body] == phase({rule: is_met for rule, (is_met, _) in true.items()})
