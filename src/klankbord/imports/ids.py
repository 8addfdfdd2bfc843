"""Ids of posts and pages in cells: one that Excel has changed names something else."""

import re
from decimal import Decimal

from klankbord.imports.files import Cell

AT_MOST = 200
EXCEL_DIGITS = 15  # what Excel keeps of a number; the ids of Meta are longer
_ROUNDED = re.compile(r"\d+([.,]\d+)?E\+\d+", re.I | re.A)


class IdError(ValueError):
    """A cell that is no id; the text is the end of a sentence."""


def unchanged(cell: Cell, text: str) -> str:
    """`text`, the part of the cell that is an id, as the platform wrote it."""
    whole = "" if cell is None else str(cell)
    if _ROUNDED.fullmatch(whole) or (isinstance(cell, Decimal) and len(whole) > EXCEL_DIGITS):
        raise IdError("Excel has rounded this id: give the file as it was exported")
    return text


def of_post(cell: Cell, text: str) -> str:
    """The same, of a post: a row without one is none of a post's."""
    text = unchanged(cell, text)
    is_odd = len(text) > AT_MOST or any(c.isspace() for c in text) or text.startswith("=")
    if not text or is_odd:
        raise IdError(
            "there is no id of a post here: remove the row if it is a total, else export again"
        )
    return text
