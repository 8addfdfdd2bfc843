"""dbt's documentation as one HTML file, without a database and without a network.

Columns carry the types that contracts give them; what only a database knows (sizes) is left out.
"""

import tempfile
from pathlib import Path

from klankbord.errors import KlankbordError
from klankbord.settings import PROJECT_ROOT


class DocumentationError(KlankbordError):
    """dbt could not make its documentation; says what dbt said."""


def render(project: Path = PROJECT_ROOT / "dbt_project") -> str:
    """The page: every model, column, test, source and exposure, and the catalogue's metrics."""
    from dbt.cli.main import dbtRunner

    with tempfile.TemporaryDirectory(prefix="klankbord-docs-") as folder:
        options = ["--project-dir", str(project), "--profiles-dir", str(project)]
        options += ["--target-path", folder, "--log-path", folder, "--log-level", "none"]
        for command in (
            ["parse", "--no-partial-parse"],
            ["docs", "generate", "--static", "--empty-catalog", "--no-compile"],
        ):
            result = dbtRunner().invoke([*command, *options])
            if not result.success:
                said = " ".join(str(result.exception or "no reason").split())
                raise DocumentationError(f"dbt {command[0]} stopped: {said}")
        text = (Path(folder) / "static_index.html").read_text(encoding="utf-8")
        # the folder of this run, which the manifest names, is of no use to a reader
        return text.replace(folder, "target").replace(str(project), "dbt_project")
