"""What an edition was made with: code, definitions, register."""

import hashlib
from importlib.metadata import version
from typing import Any

import yaml
from psycopg2 import sql

from klankbord import catalogue, settings
from klankbord.editions import canonical

_SUFFIXES = {".sql", ".csv", ".yml"}
REGISTER = (
    "organisations", "memberships", "populations", "accounts", "mergers", "opening_hours",
    "targets",
)  # fmt: skip


def code() -> str:
    """The package's version and a digest of all that dbt computes with (models, macros, seeds)."""
    project = settings.PROJECT_ROOT / "dbt_project"
    digest = hashlib.sha256()
    paths = sorted(
        path
        for folder in ("models", "macros", "seeds")
        for path in (project / folder).rglob("*")
        if path.suffix in _SUFFIXES
    )
    for path in (project / "dbt_project.yml", *paths):
        digest.update(path.relative_to(project).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{version('klankbord')}+{digest.hexdigest()[:16]}"


def definitions() -> str:
    """The version of every computed metric's definition, as canonical JSON."""
    return canonical.dumps(
        {m.metric_id: m.definition_version for m in catalogue.read().metrics if m.is_computed}
    )


def variables() -> dict[str, str]:
    """question_rules, holiday_calendar and opening_hours_version of this build."""
    path = settings.PROJECT_ROOT / "dbt_project" / "dbt_project.yml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))["vars"]
    names = ("question_rules", "holiday_calendar", "opening_hours_version")
    return {name: str(known[name]) for name in names}


def register_digest(cursor: Any) -> str:
    """A digest of what the register says now, whenever and from whichever file it was loaded."""
    digests = []
    for table in REGISTER:
        cursor.execute(
            "select column_name from information_schema.columns where table_schema = 'register'"
            " and table_name = %s and column_name not in ('recorded_at', 'superseded_at',"
            " 'source_file', 'source_line') order by ordinal_position",
            [table],
        )
        columns = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            sql.SQL("select {} from {} where superseded_at is null").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier("register", table),
            )
        )
        lines = canonical.lines(cursor.fetchall()).column(0)
        digests.append([table, canonical.digest(canonical.file(",".join(columns), lines))])
    return canonical.sha256(canonical.dumps(digests))
