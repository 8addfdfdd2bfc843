"""The truth of conversations: M23, how many messages one has."""

from collections import defaultdict
from datetime import date

from klankbord.sandbox.readings import RESPONSE_WINDOW, Known, local_day
from klankbord.sandbox.truth_figures import Figure, Period


def depth(period: Period, known: Known, days: set[date]) -> Figure:
    """M23 of the conversations that began in the period, on observed days, a week ago or more: the
    messages of their first week, the first included. Where nobody answered is none."""
    said = {m.message_id: m for m in known.own.values() if m.kind != "repost"} | known.incoming
    size: dict[int, int] = defaultdict(lambda: 1)
    for message in said.values():
        root, seen = message, {message.message_id}
        while root.parent_id in said and root.parent_id not in seen:
            root = said[root.parent_id]
            seen.add(root.message_id)
        if root is message or root.parent_id is not None:
            continue
        began = root.created_at
        is_closed = known.last_moment is not None and known.last_moment >= began + RESPONSE_WINDOW
        is_asked = local_day(began) in days and local_day(began) in known.days
        if is_closed and is_asked and began <= message.created_at <= began + RESPONSE_WINDOW:
            size[root.message_id] += 1
    return period.ratio("M23", sum(size.values()), len(size), len(size))
