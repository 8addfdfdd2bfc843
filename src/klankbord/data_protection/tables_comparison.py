"""Columns of the models that compare: a body with its group, and a year with the year before."""

from klankbord.data_protection.groups import Group

COMPARISON_GROUPS = (
    Group(
        "marts.fct_year_ago marts.fct_change* marts.fct_group_change published.rpt_change"
        " published.rpt_group_change",
        "before_denominator before_lower before_missing_reason before_n before_n_cases"
        " before_numerator before_on before_start before_upper before_value change change_kind"
        " change_lower change_share change_upper compared_n composition_change definition_change"
        " entered_n is_estimated is_in is_merged left_n merged_away_n merger_change n_down n_up"
        " real_change scenario verdict was_in",
        "a figure beside that of a year before, and why it changed",
        "comparison with the year before",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_group_statistic marts.fct_group_metric marts.fct_peer_metric"
        " published.rpt_group_metric published.rpt_peer_metric",
        "p10 p90 weighted_mean",
        "how a group's figures are spread",
        "comparison with peers",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_group_statistic marts.fct_rare_place marts.fct_coincident_cell",
        "ordered bodies part figure below above below_bodies above_bodies is_middle_coincident"
        " is_spread_coincident is_tail_coincident is_interval_coincident",
        "whose figures a group's statistics lie on, so that none is told that names a body",
        "suppression",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_standing marts.fct_funnel marts.fct_comparison"
        " published.rpt_organisation_metric",
        "colour_class comparison comparison_basis comparison_reason distance_to_median"
        " funnel_lower funnel_upper group_lower group_upper overdispersion percentile target",
        "where a body stands in its group, and whether the difference can be chance",
        "M41 to M45",
        "organisation",
        "figures",
    ),
)
