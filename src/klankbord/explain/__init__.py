"""From a published figure down to the organisations, accounts and API answers it rests on.

figure_ids: how a figure is named. reading: the figure, of an edition or of what is published.
group, body, owners, index: what it rests on. trail: rows of raw and requests. arithmetic: the same
figure, computed in Python from what was listed, so that a wrong one betrays itself. tree: as people
read it.
"""

from klankbord.explain.explaining import explain
from klankbord.explain.figure_ids import ExplainError, FigureId, parse

__all__ = ["ExplainError", "FigureId", "explain", "parse"]
