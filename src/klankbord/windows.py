"""Which days and streams a run reads: today's scan, a snapshot of it, or a window of the past."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import get_args

from klankbord import settings
from klankbord.errors import PastSnapshotError, SettingsError
from klankbord.platforms.base import HISTORICAL_STREAMS, SNAPSHOT_STREAMS, Window
from klankbord.platforms.events import Stream


def window_of(
    scan_on: date | None = None,
    *,
    since: date | None = None,
    until: date | None = None,
    streams: Collection[str] | None = None,
) -> Window:
    """The window of a run that happens now.

    Without `since` it is today's scan. With it, the historical streams of the local days `since` to
    `until` (both included; `until` is yesterday by default): a backfill, which may be repeated. A
    snapshot of another day than today is refused, because nobody can observe it now. `streams`
    limits either.
    """
    window = Window.ending(settings.now())
    wanted = _streams(streams)
    if scan_on is not None and scan_on != window.scan_on:
        raise PastSnapshotError(
            f"A scan of {scan_on} was asked for on {window.scan_on}: a follower count is only "
            "observable now; import earlier counts with `klankbord import archive FILE`, and read "
            "earlier posts and conversations with --since and --until."
        )
    if since is None:
        if until is not None:
            raise SettingsError("--until needs --since: name the first day too.")
        return replace(window, streams=wanted or window.streams)
    if snapshots := wanted & SNAPSHOT_STREAMS:
        raise PastSnapshotError(
            f"{', '.join(sorted(snapshots))} cannot be read of {since}: a follower count is only "
            "observable now; import earlier counts with `klankbord import archive FILE`."
        )
    last = until or date.fromordinal(window.scan_on.toordinal() - 1)
    if not since <= last < window.scan_on:
        raise SettingsError(
            f"The window {since} to {last} is no window of the past: give --since and --until as "
            f"days before {window.scan_on}, the first one first."
        )
    return replace(
        Window.between(since, last, window.scan_on), streams=wanted or HISTORICAL_STREAMS
    )


def _streams(names: Collection[str] | None) -> frozenset[Stream]:
    known = frozenset(get_args(Stream))
    if unknown := set(names or ()) - known:
        raise SettingsError(
            f"No stream is called {', '.join(sorted(unknown))}: choose from"
            f" {', '.join(sorted(known))}."
        )
    return frozenset(names or ())
