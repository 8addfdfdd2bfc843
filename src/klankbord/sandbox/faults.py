"""Faults on demand: what the sandbox does wrong, on which requests, how often."""

import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

from klankbord.errors import KlankbordError

#: The core does these itself.
GENERIC = frozenset({"server_error", "timeout", "cut_json"})
#: The platform's routes answer these in their own words (`error_response`). withdrawn_metric is
#: for platforms with insights; give the metric's name as `account`: it strikes who asks for it.
ANSWERED = frozenset(
    {"throttle", "throttle_400", "quota_spent", "token_expired", "permission", "not_found"}
    | {"withdrawn_metric"}
)
#: The platform's routes do these to an answer that is otherwise good (`request.state.fault`).
BENT = frozenset({"repeated_page", "empty_last_page", "shrunken"})
KINDS = GENERIC | ANSWERED | BENT


class FaultError(KlankbordError):
    """A fault that was asked for cannot be."""


@dataclass(slots=True)
class Fault:
    """One fault. It strikes the next `times` requests of `platform` whose path holds `path` and
    whose whole address (path and query) holds `account`: an id or a handle. Empty: any."""

    platform: str
    kind: str
    path: str = ""
    account: str = ""
    times: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise FaultError(f"No fault is called {self.kind!r}: give one of {sorted(KINDS)}.")
        if not isinstance(self.times, int) or self.times < 1:
            raise FaultError(f"A fault strikes a whole number of times, not {self.times!r}.")

    @classmethod
    def from_json(cls, body: Any) -> "Fault":
        """From {platform, kind, path?, account?, times?}; FaultError says what is wrong."""
        known = {f.name for f in fields(cls)}
        if not isinstance(body, dict) or not {"platform", "kind"} <= set(body) <= known:
            raise FaultError(
                f"A fault is an object of {sorted(known)}, platform and kind at least."
            )
        return cls(**body)

    def strikes(self, platform: str, path: str, address: str) -> bool:
        """Whether this request is meant."""
        return self.platform == platform and self.path in path and self.account in address


class Faults:
    """The faults still to come, oldest first. Safe between threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self, platform: str, kind: str, path: str = "", account: str = "", times: int = 1
    ) -> Fault:
        """Order a fault."""
        return self.order(Fault(platform, kind, path, account, times))

    def order(self, fault: Fault) -> Fault:
        """Order a fault that was made elsewhere."""
        with self._lock:
            self._waiting.append(fault)
        return fault

    def take(self, platform: str, path: str, address: str) -> str | None:
        """The kind that strikes this request, used up by one; None when it goes well."""
        with self._lock:
            for fault in self._waiting:
                if fault.strikes(platform, path, address):
                    fault.times -= 1
                    if not fault.times:
                        self._waiting.remove(fault)
                    return fault.kind
        return None

    def waiting(self) -> list[dict[str, Any]]:
        """The faults that have not struck as often as they should."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._waiting.clear()
