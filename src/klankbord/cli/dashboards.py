"""`klankbord dashboards validate | deploy | drift`: the files are the truth, Superset follows."""

from klankbord.cli.main import console, dashboards_app
from klankbord.errors import KlankbordError


@dashboards_app.command()
def validate() -> None:
    """Check the dashboards from files alone: tile, chart, dataset, published column, texts."""
    from klankbord import dashboards

    faults = dashboards.validate()
    if faults:
        raise KlankbordError("\n".join(faults))
    console.print("Every tile leads to a published column.")


@dashboards_app.command()
def deploy() -> None:
    """Bring the running Superset to what the files say; a second time changes nothing."""
    report = _with_superset("deploy")
    for verb in ("changed", "removed", "kept"):
        for line in getattr(report, verb):
            console.print(f"{verb}: {line}", highlight=False)
    if not report.changed and not report.removed:
        console.print("Superset is what the files say; nothing was changed.")


@dashboards_app.command()
def drift() -> None:
    """Name what differs in Superset from the files; exit code 1 when something does."""
    lines = _with_superset("drift")
    if lines:
        raise KlankbordError("\n".join([*lines, "Run `klankbord dashboards deploy` to mend this."]))
    console.print("No drift.")


def _with_superset(what: str):
    """`deploy` or `drift` on the Superset of this runtime folder, which must be serving."""
    from klankbord import dashboards, database, secrets, services, settings

    url = f"http://127.0.0.1:{settings.port('KLANKBORD_SUPERSET_PORT')}"
    bundle = dashboards.render(services.dashboards_address(database.access()))
    login = (url, "admin", secrets.secret("superset_admin"))
    if what == "drift":
        return dashboards.drift(bundle, *login)
    return dashboards.deploy(bundle, *login, secrets.secret("postgres_klankbord_reader"))
