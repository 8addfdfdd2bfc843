"""Made-up bodies, for a register of a test's own."""

from datetime import date

from klankbord.register import Register
from klankbord.register.rows import Membership, Organisation, Population


def body(
    organisation_id: str,
    kind: str = "municipality",
    *,
    country: str = "BE",
    region: str | None = "02000",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Organisation:
    """A body that is called by its id."""
    return Organisation(
        organisation_id=organisation_id, country=country, organisation_type=kind,
        official_code=organisation_id, name_nl=organisation_id, name_fr=None, name_de=None,
        province_code=None, region_code=region, website=None, kbo=None, wikidata=None,
        latitude=None, longitude=None, valid_from=valid_from, valid_to=valid_to,
        basis="synthetic", source="test",
    )  # fmt: skip


def member(zone: str, of: str, valid_to: date | None = None) -> Membership:
    return Membership(
        organisation_id=zone, member_id=of, valid_from=None, valid_to=valid_to,
        basis="synthetic", source="test",
    )  # fmt: skip


def population(organisation_id: str, inhabitants: int, on: date) -> Population:
    return Population(
        organisation_id=organisation_id, reference_date=on, inhabitants=inhabitants,
        basis="synthetic", source="test",
    )  # fmt: skip


def register(
    organisations: list[Organisation],
    memberships: list[Membership] = (),
    populations: list[Population] = (),
) -> Register:
    return Register(
        organisations=organisations, memberships=list(memberships), populations=list(populations),
        accounts=[], mergers=[],
    )  # fmt: skip
