"""A house with many incidents: the sandbox, its logs, scans and a build of the crisis clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from klankbord import database, settings, warehouse
from klankbord.sandbox import incident_logs
from klankbord.sandbox.model import WorldIncident
from klankbord.sandbox.threads import month_of
from klankbord.sandbox.truth_incidents import IncidentTruth
from klankbord.sandbox.world import World
from tests.pipeline.house import NOW, House, open_house
from tests.pipeline.registers import bodies

SHARE = 1 / 6
#: read by the scans; Mastodon is there and nobody ever looks
PLATFORMS = ("facebook", "x", "bluesky", "instagram", "website")


@contextmanager
def incident_house(
    access: database.Access, folder: Path, *, seed: int, most: int, hard: float = 0.0
) -> Iterator[tuple[House, list[WorldIncident]]]:
    """A house over the bodies around the first incidents of September 2026, scanned two hours after
    the last of them, with the logs of that moment imported: (house, the incidents in the logs)."""
    whole = World(bodies(), seed, incident_share=SHARE, incident_hard=hard)
    some = whole.incidents.of_month(month_of(NOW))[:most]
    only = {name for i in some for name in (*i.concerned, *i.neighbours)}
    # the logs name incidents anywhere
    with open_house(access, only=only, seed=seed, known=bodies()) as house:
        house.world = World(bodies(), seed, only=only, incident_share=SHARE, incident_hard=hard)
        house.sandbox.world = house.world
        house.at(some[-1].alarmed_at + timedelta(hours=2))
        house.scan(*PLATFORMS)
        incident_logs.write(house.world, folder, settings.now())
        incident_logs.load(house.access, folder, settings.now())
        since = settings.now() - timedelta(days=incident_logs.DAYS)
        found = list(incident_logs.of(house.world, since, settings.now()))
        warehouse.run(house.access, ["seed"])
        warehouse.run(house.access, ["run", "--select", "+path:models/reporting/rpt_incident*.sql"])
        yield house, found


def rebuild(house: House) -> None:
    """From the verdicts on; what others make of it stays."""
    ours = ("int_incident_*", "fct_incident_*", "rpt_incident*")
    selected = [f"int_incident_candidates+,{names}" for names in ours]
    warehouse.run(house.access, ["run", "--select", *selected])


def truth(house: House, incidents: list[WorldIncident]) -> IncidentTruth:
    """Nobody looked at the platforms that were not scanned."""
    never = {
        (row.account_id, window.scan_on)
        for row in house.register.accounts
        for _, window in house.scans
        if row.platform not in PLATFORMS
    }
    return IncidentTruth(house.world, house.register, house.scans, incidents, failed=never)
