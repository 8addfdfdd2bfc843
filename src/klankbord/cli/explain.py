"""`klankbord explain FIGURE`: from a published figure down to the API answers it rests on."""

import json
from typing import Annotated

import typer

from klankbord.cli.main import app, console
from klankbord.errors import KlankbordError


@app.command()
def explain(
    figure: Annotated[
        str,
        typer.Argument(
            help="M26:facebook:be-municipality/size-under_20k:2026-Q3, or with an edition"
            " before it: 2026-Q3.1/M05:facebook:be-municipality-44021:2026-09; of a"
            " phase, a target, a survey, an incident, a change: docs/editions.md"
        ),
    ],
    format: Annotated[str, typer.Option(help="tree or json")] = "tree",
) -> None:
    """What a figure rests on: members, accounts, posts, API answers, and what is missing.

    Computes it again from these parts; ends with 1 when that gives something else.
    """
    from klankbord import database
    from klankbord import explain as explaining
    from klankbord.explain import tree

    if format not in ("tree", "json"):
        raise KlankbordError(f"{format!r} is no format: choose tree or json.")
    wanted = explaining.parse(figure)
    with database.running() as access:
        database.prepare(access)
        found = explaining.explain(access, wanted)
    if format == "json":
        print(json.dumps(found, indent=2, ensure_ascii=False, default=str))
    else:
        console.print(tree.render(found))
    if found.get("different"):
        raise KlankbordError(
            f"{wanted} does not follow from its parts: {'; '.join(found['different'])}."
        )
