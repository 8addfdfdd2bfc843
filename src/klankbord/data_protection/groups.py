"""What a line of the catalogue of tables is."""

from dataclasses import dataclass
from typing import Literal

from klankbord.data_protection.ages import Age

Whose = Literal["nobody", "organisation", "citizen", "staff"]


@dataclass(frozen=True, slots=True)
class Group:
    """tables, columns: separated by blanks. whose: who is behind it at most."""

    tables: str
    columns: str
    what: str
    why: str
    whose: Whose
    keep: Age
