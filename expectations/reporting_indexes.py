"""Gate 2, the benchmark index (M46): what a band and an index must be, computed anew from the rows
that would be published. `subject` is the organisation.
"""

from klankbord.gates import Rule

INDEXES = "reporting.rpt_index"


def rules() -> list[Rule]:
    """The rules of the index and its components."""
    name = (
        "organisation_id as subject, period || ' ' || coalesce(value::text, 'no value') as detail"
    )
    return [
        Rule(
            "indexes_are_possible",
            "An index lies between 0 and 100 in a group of ten with one, or says why there is none",
            INDEXES,
            f"select {name} from {{batch}} where value < 0 or value > 100 or value = 'NaN'"
            " or (value is null) <> (missing_reason is not null)"
            " or (value is not null and n < 10)",
        ),
        Rule(
            "bands_hold_the_rank",
            "The rank of an index among its group's lies within its band, and the band within n",
            INDEXES,
            "with told as (select *, rank() over (partition by group_id, period_start"
            " order by round(value::numeric, 9) desc) as place from {batch}"
            f" where value is not null) select {name} from told"
            " where (place between rank_best and rank_worst and rank_best >= 1"
            " and rank_worst <= n) is not true",
        ),
        Rule(
            "indexes_follow_from_their_components",
            "The weights of an index's components add up to 1, and their geometric mean is it",
            INDEXES,
            "with made as (select organisation_id, period_start, sum(weight) as weight,"
            " 100 * exp(sum(weight * ln(score / 100))) as value"
            " from reporting.rpt_index_component where score > 0"
            " group by organisation_id, period_start)"
            " select batch.organisation_id as subject, batch.period || ' ' || batch.value"
            " || ', its components: ' || coalesce(made.value::text, 'none') as detail"
            " from {batch} as batch left join made using (organisation_id, period_start)"
            " where batch.value is not null and (abs(made.weight - 1) < 1e-9"
            " and abs(made.value - batch.value) < 1e-6) is not true",
        ),
    ]
