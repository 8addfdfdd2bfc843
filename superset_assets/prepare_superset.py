"""Make Superset's metadata and its administrator, in one process of Superset's own Python.

Superset's three commands do the same, and each starts the application anew (8 s each). Reads
{"username": ..., "password": ...} from standard input, so that no password is on a command line.
"""

import json
import sys

from flask_migrate import upgrade
from superset.app import create_app


def main() -> int:
    """Upgrade, permissions and roles, administrator; safe to repeat."""
    account = json.load(sys.stdin)
    app = create_app()
    with app.app_context():
        from superset import appbuilder, security_manager

        upgrade(directory=app.config.get("ALEMBIC_DIR") or _migrations())
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        user = security_manager.find_user(username=account["username"])
        if user is None:
            admin = security_manager.find_role("Admin")
            user = security_manager.add_user(
                account["username"],
                "Klankbord",
                "beheer",
                "admin@localhost",
                admin,
                password=account["password"],
            )
            if not user:
                print("Superset refused to create its administrator.", file=sys.stderr)
                return 1
        else:
            security_manager.reset_password(user.id, account["password"])
    return 0


def _migrations() -> str:
    from importlib.resources import files

    return str(files("superset") / "migrations")


if __name__ == "__main__":
    raise SystemExit(main())
