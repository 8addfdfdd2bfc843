"""The drop folder: whatever is left in it is loaded and put aside, or refused with the sentence.

    drop/export.csv                    a file that says whose it is
    drop/<account_id>/export.csv       one that does not; folders in it may say its days, as
    drop/<account_id>/2026-09-01_2026-09-30/Table data.csv
    drop/formats/our-tool.yaml         a format of your own
    drop/done/, drop/refused/          where files go, each with a .txt beside it

A file is taken when its size and time stand still between two looks: no half-copied file is read.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from klankbord.database import Access
from klankbord.errors import KlankbordError
from klankbord.imports import formats, loading
from klankbord.imports.faults import FileRefusedError
from klankbord.imports.formats import Format
from klankbord.imports.plans import Options

DONE, REFUSED, FORMATS = "done", "refused", "formats"
ASIDE = (DONE, REFUSED)
STAMP = "%Y%m%dT%H%M%S"
#: a copy that goes on; what a system leaves in every folder
UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".download")
NOBODYS = ("thumbs.db", "desktop.ini")
LOOK = ".last_look.json"
#: how the options that a refusal names are said in the folder
IN_THE_FOLDER = (
    "In the drop folder: --account is the folder drop/<account_id>/; --since and --observed-on are "
    "days in the file's name or its folder's, such as 2026-09-01_2026-09-30; a mapping file goes "
    "into drop/formats/. Mend it and leave the file again."
)


@dataclass(slots=True)
class Swept:
    """What one round did: names of files, and the sentences of those refused."""

    loaded: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)


def waiting(folder: Path) -> list[Path]:
    """Files that nobody has loaded or refused yet, oldest first."""
    aside = {DONE, REFUSED, FORMATS}
    found = [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and path.relative_to(folder).parts[0] not in aside
        and not any(part.startswith((".", "~")) for part in path.relative_to(folder).parts)
        and path.suffix.lower() not in UNFINISHED
        and path.name.lower() not in NOBODYS
    ]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def settled(folder: Path) -> list[Path]:
    """The waiting files that have not changed since the last look; this look is remembered."""
    now = {str(p.relative_to(folder)): _state(p) for p in waiting(folder)}
    memory = folder / LOOK
    try:
        before = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        before = {}
    before = before if isinstance(before, dict) else {}
    if now or before:
        memory.write_text(json.dumps(now), encoding="utf-8")
    return [folder / name for name, state in now.items() if before.get(name) == state]


def _state(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def sweep(access: Access, folder: Path, now: datetime) -> Swept:
    """Load each settled file by itself and put it aside; one that is refused stops no other.

    Killed between the two, a file is loaded again the next time, which changes nothing.
    """
    swept = Swept()
    if not folder.is_dir():
        return swept
    ready = settled(folder)
    swept.waiting = [p.name for p in waiting(folder) if p not in ready]
    # a faulty mapping is mended by whoever wrote it, and no file's fault
    own = [formats.own(path) for path in sorted((folder / FORMATS).glob("*.y*ml"))]
    for path in ready:
        inside = path.relative_to(folder)
        try:
            swept.loaded[str(inside)], said = _load(access, path, inside, own, now)
        except (FileRefusedError, loading.UnknownAccountError) as error:
            swept.refused[str(inside)] = str(error)
            _aside(path, folder / REFUSED, now, [f"{inside}:", str(error), IN_THE_FOLDER])
        else:
            _aside(path, folder / DONE, now, [f"{inside}:", *said])
    return swept


def _load(
    access: Access, path: Path, inside: Path, own: Sequence[Format], now: datetime
) -> tuple[int, list[str]]:
    """(how many figures are new or told otherwise, what to say of the file)."""
    # the first folder is the account, those within it are the owner's own order
    request = loading.Request([path], inside.parts[:-1][:1], Options(formats=own))
    plans = loading.preview(access, request, now)
    [done] = loading.load(access, plans, now)
    said = [
        f"{done.figures} figures: {done.new} new, {done.changed} told otherwise before.",
        f"Accounts: {', '.join(plans[0].account_ids)}.",
        *plans[0].decisions,
    ]
    return done.new + done.changed, said


def _aside(path: Path, folder: Path, now: datetime, said: Sequence[str]) -> None:
    """Move a file, with its sentences beside it; an earlier one of the same name stays."""
    folder.mkdir(exist_ok=True)
    stamp = f"{now.astimezone(UTC):{STAMP}}"
    name = f"{stamp}-{path.name}"
    number = 1
    while (folder / name).exists():
        number += 1
        name = f"{stamp}-{number}-{path.name}"
    (folder / f"{name}.txt").write_text("\n".join(said) + "\n", encoding="utf-8")
    shutil.move(path, folder / name)


def put_aside_at(name: str) -> datetime | None:
    """When a file of `done` or `refused` was put there, by the name that it got; None of a name
    that nobody of us gave."""
    try:
        return datetime.strptime(name.partition("-")[0], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def fail(swept: Swept) -> None:
    """KlankbordError with every sentence, when a file was refused."""
    if swept.refused:
        sentences = "\n".join(f"{name}: {said}" for name, said in swept.refused.items())
        raise KlankbordError(f"{len(swept.refused)} file(s) moved to {REFUSED}/:\n{sentences}")
