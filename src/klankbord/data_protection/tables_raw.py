"""The tables of schemas raw and quarantine: what arrives."""

from klankbord.data_protection.groups import Group

_STREAMS = "raw.*_profiles raw.*_posts raw.*_messages raw.*_insights"

RAW_GROUPS: tuple[Group, ...] = (
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
        " attempted_at observed_since observed_until"
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
        "kind platform account_id raised_on last_seen_on ended_on noticed_at acknowledged_at",
        "what somebody should look at",
        "trust in the figures",
        "organisation",
        "figures",
    ),
    Group(
        "raw.metric_refusals",
        "platform metric_name first_seen_on last_seen_on detail",
        "metrics that a platform no longer gives",
        "they are not asked for again",
        "nobody",
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
        " imported_at country organisation_type region_codes addressed organisation_id"
        " question_code subquestion_code kind question subquestion answer_code label value"
        " submitted_on file_line",
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
        "raw.incident_matches",
        "source incident_id account_id post_id verdict note file_name file_line recorded_at",
        "what a person decided: this message is about this incident, or is not",
        "a decision outvotes the rules (M34 to M36)",
        "organisation",
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
)
