"""Incidents of the world: rare, reproducible, and they move nothing else."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from klankbord.imports import files
from klankbord.imports.bodies import Bodies, Life
from klankbord.sandbox import incident_logs
from klankbord.sandbox.threads import month_of
from klankbord.sandbox.world import World
from tests.citizens import citizen_traces
from tests.pipeline.house import NOW
from tests.pipeline.registers import bodies

SEPTEMBER = month_of(NOW)
SINCE = datetime(2026, 8, 31, 22, tzinfo=UTC)


def test_incidents_are_the_same_again_and_leave_the_rest_alone() -> None:
    world, again, calm = World(bodies()), World(bodies()), World(bodies(), incident_share=0)
    found = world.incidents.of_month(SEPTEMBER)
    assert found == again.incidents.of_month(SEPTEMBER)
    assert 5 <= len(found) <= 40
    assert calm.incidents.of_month(SEPTEMBER) == ()
    around = {name for i in found for name in (*i.concerned, *i.neighbours)}
    kinds: Counter = Counter()
    for account in world.accounts:
        if account.organisation_id not in around or account.platform not in ("x", "facebook"):
            continue
        said = world.own(account, SINCE, NOW)
        kinds.update(m.kind for m in said if m.about)
        without = [(m.created_at, m.text) for m in calm.own(account, SINCE, NOW)]
        usual = [(m.created_at, m.text) for m in said]
        assert [m for m in usual if m in without] == without
    assert kinds["original"] > 50 and kinds["continuation"] and kinds["repost"]
    other = World(bodies(), 2017).incidents.of_month(SEPTEMBER)
    assert {i.key for i in found} != {i.key for i in other}


def test_a_repost_names_the_message_that_it_repeats() -> None:
    world = World(bodies(), incident_share=1 / 6)
    checked = 0
    for incident in world.incidents.of_month(SEPTEMBER):
        script = world.incidents.script(incident)
        for name, (whose, moment) in script.repeats.items():
            account = world.account(name)
            reposts = [m for m in world.own(account, moment, moment + timedelta(hours=3))
                       if m.kind == "repost" and m.about == incident.key]  # fmt: skip
            # those too that say nothing else of the incident
            assert reposts, name
            for repost in reposts:
                original = world.message(world.account(whose), repost.reposted_id)
                assert original is not None and original.about == incident.key
                assert original.created_at == moment < repost.created_at
                assert repost.reposted_text == original.text
                checked += 1
    assert checked > 30


def test_no_citizen_is_traced_by_what_bodies_repeat() -> None:
    """A body's handle is public: the search for citizens in the warehouse must not find it."""
    world = World(bodies(), incident_share=1 / 6)
    incident = next(i for i in world.incidents.of_month(SEPTEMBER)
                    if world.incidents.script(i).repeats)  # fmt: skip
    name, (whose, _) = next(iter(world.incidents.script(incident).repeats.items()))
    small = World(bodies(), incident_share=1 / 6, only={*incident.concerned, *incident.neighbours})
    assert small.account(name)
    assert small.account(whose).handle not in set(citizen_traces(small, SINCE, NOW))


def test_the_logs_are_read_as_what_happened(tmp_path) -> None:
    """Both logs through the importer's own reader: every incident, to the second."""
    from klankbord.imports import incidents

    world = World(bodies(), incident_share=1 / 6)
    written = incident_logs.write(world, tmp_path, NOW)
    assert [path.name for path in written] == [incident_logs.BELGIAN, incident_logs.DUTCH]
    happened = {
        (i.source, i.key): i
        for i in incident_logs.of(world, NOW - timedelta(days=incident_logs.DAYS), NOW)
    }
    seen = 0
    for path in written:
        mapping = incident_logs.mapping_of(path)
        lives: dict = {}
        for o in bodies().organisations:
            if o.organisation_type == "municipality" and o.country == mapping.country:
                life = Life(o.organisation_id, "municipality", o.valid_from, o.valid_to)
                lives.setdefault(str(o.official_code).casefold(), []).append(life)
        found, unread = incidents.read(files.read(path), mapping, Bodies(mapping, lives, {}), NOW)
        assert unread == ()
        for row in found:
            incident = happened[row.source, row.incident_id]
            assert row.alarmed_at == incident.alarmed_at
            assert row.kind == incident.kind and row.has_large_impact == incident.is_large
            body = incident.municipality.organisation_id if incident.has_municipality else ""
            assert row.organisation_id == body and row.latitude is not None
            assert bool(row.scale) == bool(incident.scale)
            seen += 1
    assert seen == len(happened) > 50
    assert any(not i.has_municipality for i in happened.values())
