"""`klankbord metrics check | write | page | dbt-docs`: the catalogue and what is made of it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError

metrics_app = typer.Typer(no_args_is_help=True, help="The catalogue of metrics and its pages.")
app.add_typer(metrics_app, name="metrics")


@metrics_app.command()
def check() -> None:
    """Check the catalogue, and that what is made of it is up to date; names every fault."""
    from klankbord import catalogue
    from klankbord.catalogue import generated, rules

    found = catalogue.read()
    faults = rules.check(found)
    faults += [f"{name}: older than the catalogue." for name in generated.stale(found)]
    if faults:
        hint = "Mend the seeds, then run `klankbord metrics write`."
        raise catalogue.CatalogueError("\n".join([*faults, hint]))
    computed = sum(metric.is_computed for metric in found.metrics)
    console.print(
        f"{len(found.metrics)} metrics, {computed} computed; four languages; no faults.",
        highlight=False,
    )


@metrics_app.command()
def write() -> None:
    """Write what is made of the catalogue: pages, dbt's texts, what platforms cannot give."""
    from klankbord import catalogue
    from klankbord.catalogue import generated

    for name in generated.write(catalogue.read()) or ["nothing: all of it is up to date"]:
        console.print(f"written: {name}", highlight=False)


@metrics_app.command()
def page(
    out: Annotated[Path, typer.Option(help="the file to write")],
    language: Annotated[Literal["nl", "fr", "en", "de"], typer.Option(help="its language")] = "nl",
) -> None:
    """Write the methodology page of one language, for an association's own site."""
    from klankbord import catalogue
    from klankbord.catalogue import page as pages

    _write(out, pages.render(catalogue.read(), language))


@metrics_app.command("dbt-docs")
def dbt_docs(out: Annotated[Path, typer.Option(help="the file to write")]) -> None:
    """Write dbt's documentation as one file; needs neither a database nor a network."""
    from klankbord.catalogue import dbt_docs as docs

    _write(out, docs.render())


def _write(out: Path, text: str) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KlankbordError(f"{out} cannot be written: {error.strerror}.") from error
    console.print(f"Written to {out}.", highlight=False, markup=False)
