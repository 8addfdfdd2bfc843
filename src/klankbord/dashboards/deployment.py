"""Bring Superset to what the files say, and say where it differs.

`deploy` compares first and imports only when something differs, so a second deployment writes
nothing at all. What carries our mark (certified by Klankbord) and is in no file any more, is an
orphan of an earlier deployment and is removed; what others made is left alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from klankbord.dashboards import client as superset_client
from klankbord.dashboards.bundle import Bundle
from klankbord.dashboards.client import Client, Exported
from klankbord.dashboards.compare import differences

#: dashboards before the charts they show, charts before their datasets
REMOVAL_ORDER = ("dashboards", "charts", "datasets")


@dataclass(slots=True)
class Report:
    """What a deployment did. `kept` are orphans that somebody else's chart still needs."""

    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    imported: bool = False


def deploy(bundle: Bundle, base_url: str, user: str, password: str, reader_password: str) -> Report:
    """Import the bundle if anything differs, then remove orphans."""
    with superset_client.connect(base_url, user, password) as client:
        return deploy_with(client, bundle, reader_password)


def deploy_with(client: Client, bundle: Bundle, reader_password: str) -> Report:
    """`deploy` in a session that is there already."""
    present = client.export()
    report = Report(changed=list(differences(bundle, present)))
    databases = bundle.of("databases")
    readable = all(client.can_read(asset["uuid"]) for asset in databases.values())
    if report.changed or not readable:
        client.import_bundle(bundle.zip(), dict.fromkeys(databases, reader_password))
        report.imported = True
    for orphan in find_orphans(bundle, present):
        if orphan.kind == "datasets" and client.count_charts_of(orphan):
            report.kept.append(orphan.path)
            continue
        client.delete(orphan)
        report.removed.append(orphan.path)
    return report


def drift(bundle: Bundle, base_url: str, user: str, password: str) -> list[str]:
    """One line for each thing in Superset that is not what the files say; empty when all is."""
    with superset_client.connect(base_url, user, password) as client:
        present = client.export()
    lines = list(differences(bundle, present))
    lines += [f"{o.path}: deployed earlier, in no file now" for o in find_orphans(bundle, present)]
    return lines


def find_orphans(bundle: Bundle, present: dict[str, Exported]) -> Iterator[Exported]:
    """Assets with our mark that are in no file, in the order in which they can be removed."""
    ours = {asset["uuid"] for asset in bundle.files.values()}
    for kind in REMOVAL_ORDER:
        for identity, asset in present.items():
            is_ours = _certified_by(asset.content) == bundle.certified_by
            if asset.kind == kind and is_ours and identity not in ours:
                yield asset


def _certified_by(content: dict[str, Any]) -> str | None:
    certification = (content.get("extra") or {}).get("certification") or {}
    return content.get("certified_by") or certification.get("certified_by")
