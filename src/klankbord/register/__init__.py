"""The register: which bodies exist, what they consist of, how many live there, which accounts
they have. CSV files that people edit -> `read` -> `load` -> schema register, history kept."""

from klankbord.register.files import read
from klankbord.register.history import Counts, LoadSummary, load
from klankbord.register.model import Register
from klankbord.register.rows import (
    AccountRow,
    Membership,
    Merger,
    Organisation,
    Population,
    columns,
    is_valid,
)

__all__ = [
    "AccountRow",
    "Counts",
    "LoadSummary",
    "Membership",
    "Merger",
    "Organisation",
    "Population",
    "Register",
    "columns",
    "is_valid",
    "load",
    "read",
]
