"""The two gates: Great Expectations decides whether what arrived, or what we computed, may pass.

The rules live in `expectations/<gate>*.py` as SQL that returns the offenders. Some lines of our own
instead of the Airflow provider, whose failed validation does not fail the task
(docs/decisions.md).
"""

import importlib.util
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from psycopg2.extras import RealDictCursor

from klankbord import checkpoint, quarantine, settings
from klankbord.database import Access
from klankbord.errors import GateError
from klankbord.platforms.base import discover
from klankbord.publish import swap

log = logging.getLogger(__name__)

ROLE = "klankbord_publisher"
NAMED_IN_ERROR = 5


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation.

    `offenders`: SQL returning at least `subject` (an account or organisation) and `detail` (a few
    words); no row means that the rule holds. `table`: what it is about, shown in Data Docs;
    `{batch}` in the SQL stands for it. A `warning` is reported and stops nothing.
    """

    name: str
    description: str
    table: str
    offenders: str
    severity: Literal["critical", "warning"] = "critical"
    is_private: bool = False  # its offenders hold what must not be kept, not even in quarantine
    compares: bool = False  # with what is published; the first publication has nothing to fear


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that did not hold, with every row that its SQL returned."""

    rule: Rule
    rows: tuple[dict[str, object], ...]

    def __str__(self) -> str:
        details: dict[object, object] = {}
        for row in self.rows:
            details.setdefault(row["subject"], row["detail"])
        named = ", ".join(f"{s} ({d})" for s, d in list(details.items())[:NAMED_IN_ERROR])
        more = len(details) - NAMED_IN_ERROR
        return f"{self.rule.name}: {named}{f' and {more} more' if more > 0 else ''}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate found. It may be passed when no critical rule failed."""

    gate: str
    checked: int
    failures: tuple[Failure, ...]
    data_docs: Path

    @property
    def critical(self) -> tuple[Failure, ...]:
        """The failures that stop the gate."""
        return tuple(f for f in self.failures if f.rule.severity == "critical")

    def enforce(self) -> None:
        """Raise a GateError that names each failed expectation and its offenders."""
        if self.critical:
            raise GateError(
                f"Gate {self.gate} says no, what was published stays: "
                f"{'; '.join(map(str, self.critical))}. Their rows are in quarantine.rows; "
                f"see {self.data_docs / 'index.html'}."
            )


def rules(gate: str) -> list[Rule]:
    """The rules of a gate, made for the platforms that were found: of `expectations/<gate>.py` and
    of every `expectations/<gate>_<subject>.py` beside it."""
    folder = settings.PROJECT_ROOT / "expectations"
    first = folder / f"{gate}.py"
    if not first.exists():
        raise GateError(f"There is no gate {gate!r}: expected its rules in {first.name}.")
    files = (first, *sorted(folder.glob(f"{gate}_*.py")))
    return [rule for file in files for rule in _rules_of(file)]


def _rules_of(file: Path) -> list[Rule]:
    """By its path: the folder is no part of what is installed."""
    spec = importlib.util.spec_from_file_location(f"expectations.{file.stem}", file)
    if spec is None or spec.loader is None:
        raise GateError(f"{file.name} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.rules()


def check(access: Access, gate: str, only: Sequence[Rule] | None = None) -> Verdict:
    """Run a gate's rules through a checkpoint and write its Data Docs.

    Great Expectations decides; for each rule that failed the offenders are read again in full,
    because its result keeps no more than a sample.
    """
    published = swap.is_published(access)
    chosen = [
        rule
        for rule in (only if only is not None else rules(gate))
        if published or not rule.compares
    ]
    docs = settings.home() / "data_docs"
    passed = checkpoint.run(access.url(ROLE), gate, chosen, docs)
    failures = []
    with access.connect(ROLE) as connection:
        for rule in chosen:
            if not passed[rule.name]:
                with connection.cursor(cursor_factory=RealDictCursor) as cursor:
                    cursor.execute(rule.offenders.format(batch=rule.table))
                    failures.append(Failure(rule, tuple(dict(r) for r in cursor.fetchall())))
    return Verdict(gate, len(chosen), tuple(failures), docs)


def keep_aside(access: Access, verdict: Verdict) -> int:
    """Copy what a gate's rules returned to quarantine.rows; returns how many rows."""
    rows = [
        (
            verdict.gate,
            f.rule.name,
            str(r["subject"]),
            f.rule.table,
            r.get("scan_on"),
            json.dumps(r, default=str),
        )
        for f in verdict.critical
        for r in f.rows
    ]
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into quarantine.rows (gate, expectation, subject, table_name, scan_on, content)"
            " values (%s, %s, %s, %s, %s, %s)",
            rows,
        )
    return len(rows)


def enforce(access: Access, gate: str) -> int:
    """Run a gate; keep its offenders aside and raise GateError when it says no.

    Gate `raw` moves the offending accounts out of raw, so that their figures are missing with a
    reason instead of wrong, and the next extraction asks again. Returns the number of rules held.
    """
    verdict = check(access, gate)
    _record(access, verdict)
    for failure in verdict.failures:
        log.warning("%s: %s", failure.rule.severity, failure)
    # every rule keeps its offenders, also when another rule has moved their rows already: what is
    # refused twice by the same rule is believed (expectations/raw.py)
    keep_aside(access, verdict)
    if gate == "raw":
        connection = access.open("klankbord_loader")
        try:
            for failure in verdict.critical:
                quarantine.move_aside(
                    connection,
                    list(discover()),
                    failure.rows,
                    gate=gate,
                    expectation=failure.rule.name,
                    with_payload=not failure.rule.is_private,
                )
        finally:
            connection.close()
    verdict.enforce()
    return verdict.checked - len(verdict.failures)


def _record(access: Access, verdict: Verdict) -> None:
    by_severity = {
        severity: [f.rule.name for f in verdict.failures if f.rule.severity == severity]
        for severity in ("critical", "warning")
    }
    with access.connect(ROLE) as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into quarantine.verdicts"
            " (gate, rules_checked, failed_critical, failed_warning) values (%s, %s, %s, %s)",
            [verdict.gate, verdict.checked, by_severity["critical"], by_severity["warning"]],
        )
