"""The register: which bodies exist, what they consist of, how many live there, which accounts
they have. CSV files that people edit -> `read` -> `load` -> schema register, history kept."""

from klankbord.register.model import (
    AccountRow,
    Membership,
    Merger,
    Organisation,
    Population,
    Register,
    columns,
    is_valid,
)
from klankbord.register.read import read

__all__ = [
    "AccountRow",
    "Membership",
    "Merger",
    "Organisation",
    "Population",
    "Register",
    "columns",
    "is_valid",
    "read",
]
