"""A process that reads platforms for today until all is read; killed at any moment by its parent.

A platform that asks for patience or fails is asked again after the others: in the sandbox a fault
is over after a few requests.
"""

import sys

from klankbord import database, extraction

MOST_ROUNDS = 30


def main(platforms: list[str]) -> int:
    """0 when everything of every platform was read; 1 when something never was."""
    access, waiting = database.access(), list(platforms)
    for _ in range(MOST_ROUNDS):
        done = {platform: extraction.extract(access, platform) for platform in waiting}
        waiting = [p for p, e in done.items() if e.throttled or set(e.landed.reasons) - {""}]
        if not waiting:
            return 0
    print(f"never read to the end: {', '.join(waiting)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
