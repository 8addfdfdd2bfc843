"""Writing register files: only what leaves the register without a fault, each file at once."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from klankbord.errors import RegisterError
from klankbord.register.files import read


def replace(contents: Mapping[Path, str], folders: Sequence[Path]) -> None:
    """Write the files, after the whole register was read with them in a copy.

    Raises RegisterError with the faults that the new files would bring; nothing is then written. A
    file is replaced in one step, so that a crash leaves the old or the new one.
    """
    with tempfile.TemporaryDirectory(prefix="klankbord-register-") as scratch:
        copies = _copies(contents, [Path(folder) for folder in folders], Path(scratch))
        try:
            read(copies)
        except RegisterError as error:
            text = str(error)
            for folder, copy in zip(folders, copies, strict=True):
                text = text.replace(copy.as_posix(), Path(folder).as_posix())
            raise RegisterError(f"{text}\nNothing was written.") from error
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_text(content, encoding="utf-8", newline="")
        draft.replace(path)


def _copies(contents: Mapping[Path, str], folders: list[Path], scratch: Path) -> list[Path]:
    """Each folder's CSV files under a folder of its own, the new contents in their places."""
    copies = []
    left = {path.resolve(): text for path, text in contents.items()}
    for number, folder in enumerate(folders):
        copy = scratch / str(number)
        copy.mkdir()
        copies.append(copy)
        for path in folder.rglob("*.csv"):
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        for path in contents:
            if path.resolve().is_relative_to(folder.resolve()):
                target = copy / path.resolve().relative_to(folder.resolve())
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(contents[path], encoding="utf-8", newline="")
                left.pop(path.resolve(), None)
    if left:
        listed = ", ".join(str(path) for path in left)
        raise RegisterError(f"{listed} lies in no folder of the register: see KLANKBORD_REGISTER.")
    return copies
