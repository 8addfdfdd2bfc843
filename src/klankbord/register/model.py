"""The register as a whole: all its rows, and what can be asked of them together."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import get_args

from klankbord import settings
from klankbord.register.rows import (
    AccountRow,
    Adjacency,
    Consent,
    Membership,
    Merger,
    OpeningHours,
    Organisation,
    PeerGroup,
    Population,
    Row,
    Target,
    WebSite,
    is_valid,
)
from klankbord.register.vocabulary import Country, OrganisationType


@dataclass(frozen=True)
class Register:
    """All rows of all folders, checked."""

    organisations: list[Organisation] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    populations: list[Population] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    mergers: list[Merger] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    opening_hours: list[OpeningHours] = field(default_factory=list)
    web_sites: list[WebSite] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    peer_groups: list[PeerGroup] = field(default_factory=list)
    adjacency: list[Adjacency] = field(default_factory=list)

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of one of TABLES."""
        return getattr(self, table)

    def inhabitants(self, organisation_id: str, on: date) -> int | None:
        """Inhabitants known on a day: of a body with members on that day their sum (None when one
        of them has no figure), else its own latest figure with reference_date <= on."""
        members = {m.member_id for m in self._members[organisation_id] if is_valid(m, on)}
        if not members:
            return self._counted(organisation_id, on)
        counts = [self._counted(member, on) for member in members]
        return None if None in counts else sum(counts)

    def summary(self, on: date | None = None) -> dict[tuple[Country, OrganisationType], int]:
        """Bodies valid on a day (None: today) by country and type, in the order of the types."""
        on = on or settings.today()
        count = Counter(
            (o.country, o.organisation_type) for o in self.organisations if is_valid(o, on)
        )
        order = get_args(OrganisationType)
        return dict(sorted(count.items(), key=lambda item: (item[0][0], order.index(item[0][1]))))

    def _counted(self, organisation_id: str, on: date) -> int | None:
        known = [p for p in self._populations[organisation_id] if p.reference_date <= on]
        return known[-1].inhabitants if known else None

    @cached_property
    def _members(self) -> defaultdict[str, list[Membership]]:
        index = defaultdict(list)
        for membership in self.memberships:
            index[membership.organisation_id].append(membership)
        return index

    @cached_property
    def _populations(self) -> defaultdict[str, list[Population]]:
        index = defaultdict(list)
        for population in sorted(self.populations, key=lambda p: p.reference_date):
            index[population.organisation_id].append(population)
        return index
