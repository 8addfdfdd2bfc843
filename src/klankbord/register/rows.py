"""The register's rows as people declared them: the columns of each CSV file, in their order."""

from dataclasses import dataclass, fields
from datetime import date

from klankbord.register.vocabulary import (
    AccessTier,
    Basis,
    ConsentScope,
    Country,
    Denominator,
    Direction,
    OrganisationType,
    Platform,
    Role,
    Segment,
    TargetKind,
    TargetUnit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Where a row stands. Empty cells are None; validity is half-open, None is open."""

    source_file: str = ""
    source_line: int = 0


@dataclass(frozen=True, slots=True)
class Organisation(Row):
    """A public body during one period of its life. Key: organisation_id, valid_from."""

    organisation_id: str
    country: Country
    organisation_type: OrganisationType
    official_code: str | None
    name_nl: str | None
    name_fr: str | None
    name_de: str | None
    province_code: str | None
    region_code: str | None
    website: str | None
    kbo: str | None
    wikidata: str | None
    latitude: float | None  # degrees, WGS 84
    longitude: float | None
    valid_from: date | None
    valid_to: date | None
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Membership(Row):
    """`member_id` lies in the territory of `organisation_id`, the zone."""

    organisation_id: str
    member_id: str
    valid_from: date | None
    valid_to: date | None
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Population(Row):
    """Inhabitants of a body on a date. A body with members needs none: theirs sum up."""

    organisation_id: str
    reference_date: date
    inhabitants: int
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class AccountRow(Row):
    """An account that a body has on a platform; `handle` without a leading @."""

    account_id: str
    organisation_id: str
    platform: Platform
    handle: str
    platform_user_id: str | None
    role: Role
    access_tier: AccessTier
    valid_from: date | None
    valid_to: date | None
    is_synthetic: bool
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Merger(Row):
    """`predecessor_id` went up in `successor_id`; the two are equal where the code was kept."""

    effective_date: date
    predecessor_id: str
    successor_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Target(Row):
    """What a body wants to reach: klankbord.register.targets says what goes with what. Key:
    target_id. `baseline_value` None: what was measured on baseline_date."""

    target_id: str
    organisation_id: str
    metric_id: str
    platform: Platform | None  # None: over all channels
    segment: Segment
    kind: TargetKind
    direction: Direction
    target_value: float
    unit: TargetUnit
    denominator: Denominator
    baseline_date: date
    baseline_value: float | None
    due_date: date
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class OpeningHours(Row):
    """An opening of a body, in local time: klankbord.register.opening_hours."""

    organisation_id: str
    weekday: str  # 1 (Monday) to 7, or holiday
    opens_at: str  # HH:MM
    closes_at: str  # HH:MM or 24:00
    valid_from: date | None
    valid_to: date | None
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class WebSite(Row):
    """A website of a body whose visits are counted by Matomo: its number (`site_id`) at the Matomo
    that answers at `address`. The token is no part of it: klankbord.web.matomo."""

    organisation_id: str
    site_id: str
    address: str
    valid_from: date | None
    valid_to: date | None
    basis: Basis
    source: str


@dataclass(frozen=True, slots=True)
class Consent(Row):
    """An owner's consent for an account: klankbord.consent says what rests on it. Key: account_id,
    scope, granted_on. `withdrawn_on`: the first day on which it no longer holds."""

    account_id: str
    scope: ConsentScope
    granted_on: date
    withdrawn_on: date | None
    token_expires_on: date | None
    evidence: str  # where it can be read: a file, a letter's number; no name of a person


@dataclass(frozen=True, slots=True)
class PeerGroup(Row):
    """A body that an own selection compares itself with: klankbord.register.peer_groups. Key:
    group_id, organisation_id, valid_from. The names are the group's, the same in all its rows."""

    group_id: str
    name_nl: str | None
    name_fr: str | None
    name_en: str | None
    name_de: str | None
    organisation_id: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Adjacency(Row):
    """Two bodies of one type that share a border; said once, it holds both ways."""

    organisation_id: str
    neighbour_id: str
    valid_from: date | None
    valid_to: date | None
    source: str


#: Table of schema register and name of the CSV file -> what its rows are.
TABLES: dict[str, type[Row]] = {
    "organisations": Organisation,
    "memberships": Membership,
    "populations": Population,
    "accounts": AccountRow,
    "mergers": Merger,
    "targets": Target,
    "opening_hours": OpeningHours,
    "web_sites": WebSite,
    "consents": Consent,
    "peer_groups": PeerGroup,
    "adjacency": Adjacency,
}


def columns(row_type: type[Row]) -> tuple[str, ...]:
    """The columns that people declare, in the order of the CSV file and of the table."""
    places = {"source_file", "source_line"}
    return tuple(f.name for f in fields(row_type) if f.name not in places)


def is_valid(
    row: Organisation | Membership | AccountRow | WebSite | PeerGroup | Adjacency, on: date
) -> bool:
    """Whether `on` lies in the row's validity: valid_from <= on < valid_to."""
    return (row.valid_from is None or row.valid_from <= on) and (
        row.valid_to is None or on < row.valid_to
    )
