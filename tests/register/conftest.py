"""The small register as a folder, faultless until a test writes over a file of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_register import SMALL

Write = Callable[..., Path]


@pytest.fixture
def small(tmp_path: Path) -> Write:
    """small() -> folder of the small register; small(accounts=text | bytes | None) writes that
    file otherwise, or leaves it out."""

    def write(**changed: str | bytes | None) -> Path:
        for table, text in {**SMALL, **changed}.items():
            path = tmp_path / f"{table}.csv"
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write
