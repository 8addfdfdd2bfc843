"""Entry point of the pipeline's containers: `python -m orchestration.container COMMAND…`.

`init FOLDER` makes roles, databases, schemas and Airflow's metadata, and leaves in FOLDER what
Superset may know. Any other command replaces this process with Airflow's environment around it:
passwords are computed from the runtime folder's secrets, so none stands in docker-compose.yml.
"""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from klankbord import airflow_home, database, secrets, settings, superset
from klankbord.database import Access
from klankbord.errors import KlankbordError


def environment(access: Access, given: Mapping[str, str]) -> dict[str, str]:
    """Airflow's variables on one machine; those `given` (executor, broker, hosts) come before."""
    return airflow_home.environment(access) | {
        name: value for name, value in given.items() if name.startswith("AIRFLOW__")
    }


def hand_over(access: Access, folder: Path) -> None:
    """Write what Superset's containers read: their own secrets and no others, mode 0600."""
    files = {
        # superset_config.py says what it wants of this one, prepare_superset.py of the other
        "klankbord.json": {
            "metadata_uri": access.url("superset", "superset"),
            "secret_key": secrets.secret("superset_key"),
        },
        "administrator.json": {
            "username": superset.ADMIN,
            "password": secrets.secret("superset_admin"),
        },
    }
    for name, content in files.items():
        draft = folder / f".{name}"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file)
        draft.replace(folder / name)


def main(arguments: list[str]) -> int:
    """Prepare, or find the command; comes back only when that failed."""
    if not arguments:
        print("Give a command, such as `airflow scheduler` or `init FOLDER`.", file=sys.stderr)
        return 2
    if arguments[0] == "init" and len(arguments) != 2:
        print("init needs the folder for what Superset may know: `init FOLDER`.", file=sys.stderr)
        return 2
    try:
        access = database.access()
        if arguments[0] == "init":
            database.prepare(access)
            hand_over(access, Path(arguments[1]))
            arguments = [sys.executable, "-m", "orchestration.setup"]
        variables = environment(access, os.environ)
    except (KlankbordError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    program = shutil.which(arguments[0])
    if program is None:
        print(f"There is no program {arguments[0]!r} in this image.", file=sys.stderr)
        return 127
    os.chdir(settings.PROJECT_ROOT)
    os.execve(program, arguments, variables)  # noqa: S606  (a shell is not wanted)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
