"""Columns of the models that make figures, and of what is published of them. The order counts: of
two groups that fit the first holds.
"""

from klankbord.data_protection.groups import Group

FIGURE_GROUPS = (
    Group(
        "marts.fct_question",
        "question_id response_id created_at responded_at created_on",
        "a question, its answer and their moments; made anew by each build",
        "M26 to M30",
        "citizen",
        "message",
    ),
    Group(
        "marts.fct_message_handling",
        "message_id created_on judged_on is_answered is_liked is_removed is_handled",
        "a citizen's message and what the organisation did with it; made anew by each build",
        "M27",
        "citizen",
        "message",
    ),
    Group(
        "marts.fct_post marts.fct_post_insight marts.fct_insight",
        "post_id created_at counters_observed_at end_at",
        "an organisation's own post and its moments; made anew by each build",
        "M03, M11",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_incident_* published.rpt_incident*",
        "source incident_id body_role alarmed_at first_message_at first_platform municipality_id"
        " municipality_name_nl municipality_name_en area_basis area_distance_km incident_kind"
        " incident_kind_nl incident_kind_en scale_name has_large_impact first_organisation_id"
        " first_organisation_name_nl first_organisation_name_en norm_minutes window_hours post_id"
        " created_at minute is_counted evidence link",
        "an incident, the bodies that it concerns and their own messages about it",
        "M34 to M36",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_incident_* published.rpt_incident*",
        "delay_minutes is_within_norm updates_6h median_update_gap_minutes confidence match_level"
        " is_final channels speaking_channels partners amplifying_partners amplification_share"
        " n_all share_within_norm lower_share upper_share median_delay_minutes bodies"
        " observed_bodies speaking_bodies bodies_within_norm first_delay_minutes",
        "how soon, how often and how surely they spoke, and who passed it on",
        "M34 to M36",
        "organisation",
        "figures",
    ),
    Group(
        "marts.* published.*",
        "account_id organisation_id platform metric_id definition_id period_kind period_start"
        " period_end as_of_on group_id"
        " group_kind group_name_nl group_name_en name_nl name_en country organisation_type"
        " organisation_type_nl organisation_type_en organisation_name_nl organisation_name_en"
        " province_code province_name_nl region_code size_class size_group_id type_group_id handle"
        " role access_tier valid_from valid_to is_synthetic inhabitants metric_name_nl"
        " metric_name_en unit direction definition_version parameters scale tier basis headline"
        " base_metric_id is_group_only"
        " status missing_reason position band band_order published_at",
        "of whom, of what and of when a figure is",
        "the benchmark",
        "organisation",
        "figures",
    ),
    Group(
        "marts.* published.*",
        "value numerator denominator n_cases coverage n n_members mean median q1 q3 pooled group_n"
        " group_n_members group_median group_q1 group_q3 share questions followers period_days"
        " posts_days outgoing_days messages_days active_days is_profiles_refused is_posts_refused"
        " is_outgoing_refused is_messages_refused active_originals observed_originals replies"
        " outgoing_messages engagement_posts engagement_pct_sum closed_questions answered_questions"
        " closed_items items items_handled"
        " response_hours_sum response_hours_median observed_on carried_to_on reading_source level"
        " canonical_name metric_basis metric_name period day_on lower upper is_observed is_refused"
        " observed_days own_value own_lower own_upper observed_at message_kind created_on"
        " is_on_observed_day interactions engagement_pct accounts is_present is_closed is_answered"
        " response_hours last_on scan_on is_ok reason accounts_registered accounts_ok"
        " accounts_failed last_observed_at visited_on sites visits social_visits is_final network"
        " clock hours events censored at_risk organisations is_met is_answered_in_time"
        " follow_up_hours open_response_hours open_follow_up_hours design_effect"
        " response_hours_median_lower response_hours_median_upper"
        " fastest_questions fastest_hours_sum open_answered_questions open_hours_sum"
        " open_hours_median open_hours_median_lower open_hours_median_upper followed_questions"
        " censored_median censored_median_lower censored_median_upper open_followed_questions"
        " open_censored_median open_censored_median_lower open_censored_median_upper"
        " any_answered_questions any_hours_sum any_hours_median any_fastest_questions"
        " any_fastest_hours_sum left_questions is_beyond_window median_hours median_lower_hours"
        " median_upper_hours",
        "counts, shares and durations",
        "the benchmark",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_survey* published.rpt_survey*",
        "addressed answer_code answer_kind answer_label bodies design_effect is_represented"
        " n_effective n_population population_en population_nl population_share question"
        " question_code respondents response_rate responses subquestion subquestion_code"
        " survey_title survey_year unweighted_share",
        "shares of a survey's answers by group, and how many answered",
        "M50: what bodies say of themselves, apart from what is counted",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_target* published.rpt_target*",
        "baseline_figure baseline_on baseline_value due_on expected_progress figure"
        " figure_status forecast forecast_lower forecast_missing_reason forecast_points"
        " forecast_upper interval_missing_reason is_due is_windowed kind n_points progress"
        " progress_missing_reason segment series slope_per_month starting_value status_en"
        " status_nl target_id target_value",
        "a body's own targets, its progress and forecast",
        "M48",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_maturity* published.rpt_maturity*",
        "comparison has_survey_evidence n_phase phase phase_at_least phase_at_most phase_en"
        " phase_nl platforms rule_en rule_id rule_nl rules rules_met rules_unknown state"
        " state_en state_nl threshold why_en why_nl",
        "a body's phase, and the evidence of each rule",
        "M47",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_index* published.rpt_index*",
        "component component_de component_en component_fr component_nl component_order"
        " is_provisional mean_percentile n_components n_peers n_platforms n_weightings percentile"
        " platforms published_weight rank_best rank_best_share rank_worst rank_worst_share score"
        " weight weight_reason_en weight_reason_nl weighting_id",
        "a body's place among its peers, and what it is made of",
        "M46",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_post_share published.rpt_post_share marts.fct_engagement_period",
        "group_coverage interaction_posts interactions_median",
        "how many own posts, of how many of the group's, and what the middle one gathered",
        "M10, M40",
        "organisation",
        "figures",
    ),
    Group(
        "marts.dim_peer* marts.fct_peer* published.rpt_peer*",
        "code distance distance_km group_name_de group_name_fr owner_id peer_id peer_name_en"
        " peer_name_nl place score variable variable_name_de variable_name_en variable_name_fr"
        " variable_name_nl weight",
        "who is compared with whom, and why",
        "peers",
        "organisation",
        "figures",
    ),
    Group(
        "marts.dim_territory marts.fct_territory* published.rpt_territory*",
        "map_bodies n_bodies n_figures territory_id territory_name_nl territory_on",
        "figures on another year's map",
        "comparison over mergers",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_post_insight marts.fct_insights_period",
        "file_posts is_other_count lowest other_count_posts posts",
        "posts whose owner lets us read how many saw them, and those counted otherwise",
        "M13, M14, M37, M38",
        "organisation",
        "figures",
    ),
    Group(
        "marts.fct_web_period",
        "compared_days measured_days visits_before visits_compared",
        "days on which visits to a body's website were measured, and those of a year earlier",
        "M39",
        "organisation",
        "figures",
    ),
    Group(
        "marts.* published.*",
        "amount block_id caveat_de caveat_en caveat_fr caveat_nl comment_posts comments"
        " commitment_posts commitment_sum daily_pct_sum description_de description_en"
        " description_fr description_nl family followers_before grain group_interval_kind"
        " window_days"
        " interval_kind is_applicable is_bounded is_computed is_public is_sensitive known_days"
        " largest layer measure missing_reason_en missing_reason_nl n_months name_de name_fr"
        " popularity_posts popularity_sum posting_days posts_with_comment posts_with_reaction"
        " posts_with_share province_group_id quarter_start question_rules reaction_posts"
        " reactions reason_code reason_de reason_en reason_fr reason_nl region_group_id"
        " runner_up share_posts shares since_on summed_posts summed_sum suppression_reason"
        " survey_id theme thread_messages threads total virality_posts virality_sum weighted_sum",
        "counts, shares and words of figures; which cells are hidden, and why",
        "the benchmark",
        "organisation",
        "figures",
    ),
)
