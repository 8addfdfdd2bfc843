"""Which published tables make an edition, and who sees them (docs/editions.md, "For whom").

A table that is published and stands neither here nor in LEFT_OUT stops `edition make`: what a new
table says of whom is decided by a person.
"""

from dataclasses import dataclass

_QUARTER = "t.period_start between %(first)s and %(last)s"
_INCIDENT = (
    "exists (select 1 from published.rpt_incident as i where i.source = t.source"
    " and i.incident_id = t.incident_id and (i.alarmed_at at time zone 'Europe/Brussels')::date"
    " between %(first)s and %(last)s)"
)
_TIER = "exists (select 1 from marts.dim_metric as m where m.metric_id = t.metric_id and m.tier {})"
_OBSERVABLE, _OWNERS = _TIER.format("<= 'T2'"), _TIER.format("> 'T2'")
_PUBLIC_METRIC = (
    "exists (select 1 from staging.disclosure_families as f where f.metric_id = t.metric_id"
    " and f.is_public)"
)
#: a table beside rpt_group_metric must not tell what is hidden there
_SHOWN = (
    "exists (select 1 from published.rpt_group_metric as g where g.group_id = t.group_id"
    " and g.platform = t.platform and g.period = t.period and g.metric_id = 'M26'"
    " and g.definition_id = 'klankbord' and g.missing_reason is null)"
)
_NAMES = (
    "organisation_name_nl", "organisation_name_en", "country", "organisation_type",
    "organisation_type_nl", "organisation_type_en", "province_code", "province_name_nl",
    "region_code", "size_class", "inhabitants",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A table of an edition: rows of published.`source` (as t) that meet `where`.

    key: the columns that name a row, for the log of revisions. only, without: columns.
    """

    name: str
    source: str
    audience: str
    key: tuple[str, ...]
    where: str = _QUARTER
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    distinct: bool = False
    #: statistics of groups: klankbord.editions.rounding
    is_rounded: bool = False


_GROUP = ("group_id", "platform", "metric_id", "definition_id", "period")
_BODY = ("organisation_id", "platform", "metric_id", "definition_id", "period")
_BAND = ("group_id", "organisation_id", "platform", "period", "clock")
#: what stands in the tables `organisation` and `definition` of the same edition
_REPEATED = (*_NAMES, "metric_name_nl", "metric_name_en", "unit", "direction", "parameters")
_PEERS = (
    "group_n", "group_n_members", "group_median", "group_q1", "group_q3", "group_lower",
    "group_upper", "position", "percentile", "distance_to_median", "colour_class", "funnel_lower",
    "funnel_upper", "overdispersion", "comparison", "comparison_basis", "comparison_reason",
)  # fmt: skip

PARTS = (
    # everybody knows the inhabitants: a mean weighted by them is a second equation over the bodies
    Part("group_metric", "rpt_group_metric", "public", _GROUP, without=("weighted_mean",),
         is_rounded=True),
    Part("group_response_time", "rpt_response_time", "public", (*_BAND, "band"),
         f"{_QUARTER} and t.organisation_id is null and {_SHOWN}"),
    Part("group_response_curve", "rpt_response_curve", "public", (*_BAND, "hours"),
         f"{_QUARTER} and t.organisation_id is null and {_SHOWN}"),
    Part("survey_share", "rpt_survey_share", "public",
         ("survey_id", "question_code", "subquestion_code", "answer_code", "group_id"),
         "t.survey_year = extract(year from %(first)s::date)"),
    Part("survey_response", "rpt_survey_response", "public", ("survey_id", "group_id"),
         "t.survey_year = extract(year from %(first)s::date)"),
    Part("data_quality", "rpt_data_quality", "public", ("platform", "scan_on", "reason"),
         "t.scan_on between %(first)s and %(closed)s"),
    # what everybody may count in the register, body by body
    Part("organisation_presence", "rpt_organisation_metric", "public", _BODY,
         f"{_QUARTER} and {_PUBLIC_METRIC}", without=(*_REPEATED, *_PEERS)),
    Part("organisation", "rpt_organisation_metric", "public", ("organisation_id",),
         "t.period_kind = 'quarter' and t.period_start = %(first)s",
         only=("organisation_id", *_NAMES), distinct=True),
    Part("definition", "rpt_definition", "public", ("metric_id", "definition_id"), "true"),
    # of single bodies: what anybody can observe, never what only an owner sees
    Part("organisation_metric", "rpt_organisation_metric", "members", _BODY,
         f"{_QUARTER} and {_OBSERVABLE}", without=_REPEATED),
    Part("organisation_response_time", "rpt_response_time", "members", (*_BAND, "band"),
         f"{_QUARTER} and t.organisation_id is not null"),
    Part("organisation_response_curve", "rpt_response_curve", "members", (*_BAND, "hours"),
         f"{_QUARTER} and t.organisation_id is not null"),
    Part("group_weighted_mean", "rpt_group_metric", "members", _GROUP,
         f"{_QUARTER} and t.weighted_mean is not null", only=(*_GROUP, "weighted_mean")),
    # groups that secondary suppression does not know: members see the bodies anyway
    Part("group_maturity", "rpt_maturity", "members", ("group_id", "period_start", "phase")),
    Part("group_incident", "rpt_incident_group", "members", ("group_id", "period_start")),
    Part("organisation_maturity", "rpt_maturity_organisation", "members",
         ("organisation_id", "period_start")),
    Part("maturity_evidence", "rpt_maturity_evidence", "members",
         ("organisation_id", "period_start", "rule_id")),
    Part("peer_metric", "rpt_peer_metric", "members",
         ("group_id", "platform", "metric_id", "definition_id", "period"),
         f"{_QUARTER} and {_OBSERVABLE}"),
    Part("territory_metric", "rpt_territory_metric", "members",
         ("territory_on", "territory_id", "platform", "metric_id", "definition_id", "period"),
         f"{_QUARTER} and {_OBSERVABLE}"),
    # what changed since the year before, and why: of groups too, for suppression does not know it
    Part("change", "rpt_change", "members",
         ("organisation_id", "platform", "metric_id", "period"), f"{_QUARTER} and {_OBSERVABLE}"),
    Part("group_change", "rpt_group_change", "members",
         ("group_id", "platform", "metric_id", "period"), f"{_QUARTER} and {_OBSERVABLE}"),
    Part("owner_change", "rpt_change", "house",
         ("organisation_id", "platform", "metric_id", "period"), f"{_QUARTER} and {_OWNERS}"),
    # places among peers: whoever knows all bodies' figures can compute them, and nobody else may
    Part("index", "rpt_index", "members", ("organisation_id", "period"),
         without=("parameters",)),
    Part("index_component", "rpt_index_component", "members",
         ("organisation_id", "period", "component")),
    # a share and its numerator are the group's sum: for those who see the bodies' posts anyway
    Part("post_share", "rpt_post_share", "members", ("organisation_id", "platform", "period")),
    Part("follower_trend", "rpt_follower_trend", "members",
         ("organisation_id", "platform", "period")),
    Part("owner_metric", "rpt_organisation_metric", "house", _BODY,
         f"{_QUARTER} and {_OWNERS}", without=_REPEATED),
    Part("target_progress", "rpt_target_progress", "house", ("target_id",), "true"),
    Part("web_visits", "rpt_web_visits", "house",
         ("organisation_id", "metric_id", "network", "period")),
    Part("incident", "rpt_incident", "house", ("source", "incident_id"), _INCIDENT),
    Part("incident_organisation", "rpt_incident_organisation", "house",
         ("source", "incident_id", "organisation_id"), _INCIDENT),
    Part("incident_channel", "rpt_incident_channel", "house",
         ("source", "incident_id", "organisation_id", "platform"), _INCIDENT),
    Part("incident_amplification", "rpt_incident_amplification", "house",
         ("source", "incident_id", "platform"), _INCIDENT),
)  # fmt: skip
BY_NAME = {part.name: part for part in PARTS}
#: published, and in no edition: posts one by one; who is whose peer, and which bodies merged, as of
#: the latest day; the moment of publication
LEFT_OUT = frozenset(
    {"rpt_incident_message", "rpt_peer", "rpt_peer_variable", "rpt_territory", "publication"}
)
#: what a public edition rests on; made by klankbord.editions.memory, for the house alone
MEMORY = ("contribution", "hidden_group", "rare_place")
