"""What every column of the warehouse is for. A new column needs a word here, or a test fails.

A `Group` names tables (`*` stands for anything) and columns. The first that fits holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from klankbord.data_protection.ages import Age
from klankbord.data_protection.fields import fits

Whose = Literal["nobody", "organisation", "citizen", "staff"]


@dataclass(frozen=True, slots=True)
class Group:
    """tables, columns: separated by blanks. whose: who is behind it at most."""

    tables: str
    columns: str
    what: str
    why: str
    whose: Whose
    keep: Age


_STREAMS = "raw.*_profiles raw.*_posts raw.*_messages raw.*_insights"

GROUPS: tuple[Group, ...] = (
    Group(
        "raw.import_insights",
        "account_id platform post_id metric_name metric_basis period start_on end_on observed_on"
        " value import_id file_line file_column",
        "figures of an owner's export file",
        "reach and clicks where no API gives them",
        "organisation",
        "consent",
    ),
    Group(
        "raw.import_files",
        "import_id file_hash file_name formats account_ids observed_on row_count figure_count"
        " decisions imported_at",
        "which export files were loaded, and how they were read",
        "a file counts once",
        "organisation",
        "figures",
    ),
    Group(
        _STREAMS,
        "payload",
        "the platform's answer, cut to the fields above",
        "every figure is computed from it",
        "citizen",
        "figures",
    ),
    Group(
        f"{_STREAMS} raw.tombstones",
        "item_id thread_id",
        "the platform's id of an item; a person in it is a pseudonym",
        "one row an item; deleted ones are noticed",
        "citizen",
        "message",
    ),
    Group(
        f"{_STREAMS} raw.tombstones raw.outcomes raw.extractions",
        "account_id platform stream scan_on observed_at created_at answers extraction_id noticed_at"
        " status reason row_count known_count missing_count window_since window_until attempts"
        " attempted_at observed_since"
        " started_at request_count",
        "which account was read, when, and how it went",
        "coverage of every figure; a figure leads back to the answer it came from",
        "organisation",
        "figures",
    ),
    Group(
        "raw.outcomes raw.extractions raw.alarms raw.web_outcomes",
        "detail run_id",
        "a sentence about a failure; the name of a run",
        "mending it",
        "organisation",
        "outcome",
    ),
    Group(
        "raw.alarms",
        "acknowledged_by",
        "who looked at an alarm",
        "the others need not",
        "staff",
        "outcome",
    ),
    Group(
        "raw.alarms",
        "kind platform account_id raised_on last_seen_on noticed_at acknowledged_at",
        "what somebody should look at",
        "trust in the figures",
        "organisation",
        "figures",
    ),
    Group(
        "raw.archive_followers",
        "account_id observed_on followers source file_name file_line imported_at",
        "follower counts of earlier studies",
        "M05 of months before the first scan",
        "organisation",
        "figures",
    ),
    Group(
        "raw.surveys raw.survey_*",
        "survey_id title year digest responses incomplete repeated without_organisation file_name"
        " imported_at country organisation_type addressed organisation_id question_code"
        " subquestion_code kind question subquestion answer_code label value submitted_on"
        " file_line",
        "an organisation's answers to a survey; no free text, no respondent",
        "figures that platforms do not know",
        "organisation",
        "figures",
    ),
    Group(
        "raw.incidents",
        "source incident_id alarmed_at country organisation_id latitude longitude kind scale_system"
        " scale scale_level has_large_impact file_name file_line imported_at",
        "incidents of fire brigades and police, to about a kilometre",
        "whether large incidents were reported on, and how soon",
        "nobody",
        "figures",
    ),
    Group(
        "raw.web_*",
        "organisation_id source site visited_on visits observed_at network read_on status reason"
        " day_count attempted_at",
        "visits to a website by day and network",
        "visits from social media",
        "organisation",
        "figures",
    ),
    Group(
        "raw.spending",
        "platform token bucket purpose slot_at holder calls units usd held_calls held_units"
        " held_usd written_at",
        "what was spent; of a token eight digits that lead nowhere",
        "budgets",
        "nobody",
        "figures",
    ),
    Group(
        "raw.erased",
        "platform digest",
        "an HMAC of the id of somebody who was erased, or of a message",
        "they do not come back",
        "citizen",
        "always",
    ),
    Group(
        "raw.privacy_actions",
        "action_id happened_at kind platform asked_by row_counts key_generation",
        "that something was erased, purged or withdrawn; not of whom",
        "accountability",
        "nobody",
        "always",
    ),
    Group(
        "quarantine.rows quarantine.verdicts",
        "quarantined_at gate expectation subject table_name scan_on content checked_at"
        " rules_checked failed_critical failed_warning",
        "what a gate refused, and why",
        "an implausible answer becomes no figure",
        "citizen",
        "quarantine",
    ),
    Group(
        "register.consents register.withdrawals",
        "account_id scope granted_on withdrawn_on token_expires_on evidence recorded_at",
        "what an owner allowed, until when, and where that can be read",
        "lawful reading of owner data",
        "organisation",
        "account",
    ),
    Group(
        "register.accounts",
        "account_id organisation_id platform handle platform_user_id role access_tier is_synthetic",
        "an organisation's account, as people declared it",
        "what is measured",
        "organisation",
        "account",
    ),
    Group(
        "register.*",
        "organisation_id country organisation_type official_code name_nl name_fr name_de"
        " province_code region_code website kbo wikidata latitude longitude member_id"
        " reference_date inhabitants effective_date predecessor_id successor_id target_id metric_id"
        " platform segment kind direction target_value unit denominator baseline_date"
        " baseline_value due_date site_id address",
        "public bodies, their members, inhabitants, mergers, targets and websites",
        "denominators and peer groups",
        "organisation",
        "account",
    ),
    Group(
        "register.*",
        "valid_from valid_to basis source source_file source_line recorded_at superseded_at",
        "since when a row holds, and who said so",
        "every figure can be reproduced",
        "organisation",
        "account",
    ),
    Group(
        "marts.fct_question",
        "question_id response_id created_at responded_at created_on",
        "a question, its answer and their moments; made anew by each build",
        "M26 to M30",
        "citizen",
        "message",
    ),
    Group(
        "marts.fct_post marts.fct_insight",
        "post_id created_at counters_observed_at end_at",
        "an organisation's own post and its moments; made anew by each build",
        "M03, M11",
        "organisation",
        "figures",
    ),
    Group(
        "marts.* published.*",
        "account_id organisation_id platform metric_id period_start period_end as_of_on group_id"
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
        " group_n_members group_median group_q1 group_q3 share questions followers month_days"
        " posts_days outgoing_days messages_days active_days is_profiles_refused is_posts_refused"
        " is_outgoing_refused is_messages_refused active_originals observed_originals replies"
        " outgoing_messages engagement_posts engagement_pct_sum closed_questions answered_questions"
        " response_hours_sum response_hours_median observed_on carried_to_on reading_source level"
        " canonical_name metric_basis metric_name period day_on observed_at message_kind created_on"
        " is_on_observed_day interactions engagement_pct accounts is_present is_closed is_answered"
        " response_hours last_on scan_on is_ok reason accounts_registered accounts_ok"
        " accounts_failed last_observed_at visited_on sites visits social_visits is_final network",
        "counts, shares and durations",
        "the benchmark",
        "organisation",
        "figures",
    ),
)


@cache
def group_of(table: str, column: str) -> Group | None:
    """The group of a column of `schema.table`; None when nobody has named it."""
    for group in GROUPS:
        is_table = any(fits(pattern, table) for pattern in group.tables.split())
        if is_table and column in group.columns.split():
            return group
    return None


def unnamed(columns: Iterable[tuple[str, str]]) -> list[str]:
    """What to tell somebody who added columns: one sentence each."""
    return [
        f"{table}.{column} has no purpose: add it to a Group of GROUPS in "
        "src/klankbord/data_protection/tables.py (whose it is, why it is kept), then run "
        "`klankbord privacy page`."
        for table, column in columns
        if group_of(table, column) is None
    ]
