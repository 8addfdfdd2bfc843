"""What the one call a minute has answered so far, so that nobody sleeps until the next one.

The Pages Data Portability API lists a page's posts, and the comments of each, by finders that take
one request in 60 seconds. A scan of one account is therefore several visits, each of which ends in
`Throttled`; what a visit learned is kept in a small file of the runtime folder until the account is
complete. Only LinkedIn's ids of posts and comments and a number are in it: no person, no text.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from klankbord import settings
from klankbord.platforms.base import Window

FOLDER = "linkedin-dma"


class Visits:
    """What is known of one account in one scan."""

    def __init__(self, account_id: str, window: Window) -> None:
        root = settings.home() / FOLDER
        self._folder = root / f"{window.scan_on}_{window.since:%Y%m%d}"
        self._file = self._folder / f"{quote(account_id, safe='')}.json"
        _forget_other_days(root, str(window.scan_on))
        self.known: dict[str, Any] = self._read()

    def once(self, name: str, ask: Callable[[], Any]) -> Any:
        """The answer to a question that was asked in this visit or an earlier one of the scan."""
        if name not in self.known:
            self.known[name] = ask()
            self._write()
        return self.known[name]

    def forget(self) -> None:
        """The account is complete."""
        self._file.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        """Empty when there is none or it was cut off: then everything is asked again."""
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def _write(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(self.known), encoding="utf-8")
        draft.replace(self._file)


def _forget_other_days(root: Path, scan_on: str) -> None:
    """What a scan of another day did not complete is of no use any more."""
    if root.is_dir():
        for folder in root.iterdir():
            if not folder.name.startswith(f"{scan_on}_"):
                shutil.rmtree(folder, ignore_errors=True)
