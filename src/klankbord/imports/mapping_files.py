"""A YAML file that a person wrote, as Python holds it; what is no YAML is one sentence."""

from pathlib import Path
from typing import Any

import yaml

from klankbord.imports.faults import MappingError
from klankbord.imports.files import unreadable


def content(path: Path) -> bytes:
    """The bytes of a file; MappingError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MappingError(f"{path.name}: {unreadable(path, error)}") from error


def parsed(found: bytes | str, file: str, *, as_text: bool) -> Any:
    """What YAML says. as_text: every scalar stays text, where YAML would make True of yes, and ten
    of the code 0012."""
    try:
        text = found if isinstance(found, str) else found.decode("utf-8-sig")
        loader = yaml.BaseLoader if as_text else yaml.SafeLoader
        return yaml.load(text, Loader=loader)  # noqa: S506  (neither makes objects)
    except UnicodeDecodeError as error:
        raise MappingError(f"{file}: it is no text in UTF-8: save it as UTF-8.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise MappingError(f"{file}{line}: it is no YAML: check blanks and quotes.") from error
