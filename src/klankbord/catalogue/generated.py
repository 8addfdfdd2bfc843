"""The files that are made of the catalogue: never edited by hand, compared by a test."""

from pathlib import Path

from klankbord.catalogue import applicability, markdown, page
from klankbord.catalogue.model import LANGUAGES, Catalogue
from klankbord.settings import PROJECT_ROOT


def files(catalogue: Catalogue) -> dict[str, str]:
    """Path below the project -> text."""
    return {
        "dbt_project/seeds/metric_platforms.csv": applicability.seed(catalogue),
        "dbt_project/models/docs/metrics.md": markdown.dbt_blocks(catalogue),
        "docs/metrics.md": markdown.page(catalogue),
        **{
            f"docs/{page.file_name(language)}": page.render(catalogue, language)
            for language in LANGUAGES
        },
    }


def stale(catalogue: Catalogue, root: Path = PROJECT_ROOT) -> list[str]:
    """The files that are not what the catalogue makes of them now."""
    return [name for name, text in files(catalogue).items() if _text(root / name) != text]


def write(catalogue: Catalogue, root: Path = PROJECT_ROOT) -> list[str]:
    """Bring the files up to date; returns those that changed."""
    changed = stale(catalogue, root)
    made = files(catalogue)
    for name in changed:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(made[name], encoding="utf-8")
    return changed


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
