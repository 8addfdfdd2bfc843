"""What every column of the warehouse is for. A new column needs a word here, or a test fails.

A `Group` names tables (`*` stands for anything) and columns: those of the register and of editions
here, the others in tables_raw.py, tables_comparison.py and tables_figures.py.
"""

from collections.abc import Iterable
from functools import cache

from klankbord.data_protection.fields import fits
from klankbord.data_protection.groups import Group
from klankbord.data_protection.tables_comparison import COMPARISON_GROUPS
from klankbord.data_protection.tables_figures import FIGURE_GROUPS
from klankbord.data_protection.tables_raw import RAW_GROUPS

#: The first that fits holds.
GROUPS: tuple[Group, ...] = (
    *RAW_GROUPS,
    *COMPARISON_GROUPS,
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
        " baseline_value due_date site_id address group_id name_en neighbour_id weekday opens_at"
        " closes_at",
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
        "editions.*",
        "edition_id period period_kind period_start revision previous_id made_at known_at"
        " content_hash code_version definitions question_rules holiday_calendar"
        " opening_hours_version register_digest licence is_synthetic state embargo_until"
        " published_at despite_silence table_name audience header types row_count sha256 row_number"
        " content path change_number key old new cause note entry event happened_at detail"
        " previous_hash hash",
        "published figures, frozen as lines of text, and what became of them",
        "editions that nobody can change unseen",
        "organisation",
        "always",
    ),
    *FIGURE_GROUPS,
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
        f"{table}.{column} has no purpose: add it to a Group in "
        "src/klankbord/data_protection/tables*.py (whose it is, why it is kept), "
        "then run `klankbord privacy page`."
        for table, column in columns
        if group_of(table, column) is None
    ]
