"""Editions: what was published of a quarter, frozen (docs/editions.md).

model: names, states, errors. contents: which tables, for whom. canonical: bytes. freezing: make.
workflow: from provisional to public. export, verifying, rebuilding, revising: what one does with
them afterwards.
"""

from klankbord.editions.model import AUDIENCES, CAUSES, STATES, Edition, EditionError

__all__ = ["AUDIENCES", "CAUSES", "STATES", "Edition", "EditionError"]
