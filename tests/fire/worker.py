"""A process that reads platforms for today until all is read; killed at any moment by its parent.

Prints the seconds that it worked. Exit code 75: a platform asks for patience (in the sandbox the
next request already goes well); 1: an error that says what.
"""

import sys

from klankbord import database, extraction
from klankbord.errors import KlankbordError

PATIENCE = 75


def main(platforms: list[str]) -> int:
    """Read each platform; the first that asks for patience ends the process."""
    access = database.access()
    for platform in platforms:
        try:
            done = extraction.extract(access, platform)
        except KlankbordError as error:
            print(error, file=sys.stderr)
            return 1
        if done.throttled or set(done.landed.reasons) - {""}:
            return PATIENCE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
