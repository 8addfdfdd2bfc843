"""Airflow's environment: everything by variables, so that no file holds a password.

Plain data; the orchestrator itself is imported only under dags/ and orchestration/ (contract 7).
"""

import base64
import hashlib
import json
import os
import sys
from pathlib import Path

from klankbord import secrets, settings
from klankbord.database import Access

USER = "admin"
PARALLELISM = 4
#: every component in one process group; to be started in the project's root
STANDALONE = [sys.executable, "-m", "orchestration.standalone"]


def environment(access: Access) -> dict[str, str]:
    """Variables for every Airflow process of this runtime folder, secrets included."""
    home = settings.home() / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    port = settings.port("KLANKBORD_AIRFLOW_PORT")
    fernet = base64.urlsafe_b64encode(hashlib.sha256(secrets.secret("fernet").encode()).digest())
    return {
        **os.environ,
        # standalone looks for the program `airflow` by name; we run without an activated .venv
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(settings.PROJECT_ROOT / "dags"),  # klankbord_assets, for every process
        "PYTHONWARNINGS": "ignore",
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.PROJECT_ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": str(PARALLELISM),
        "AIRFLOW__CORE__FERNET_KEY": fernet.decode(),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file()),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": access.url("airflow", "airflow"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.secret("airflow_api"),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.secret("airflow_jwt"),
        "AIRFLOW__SCHEDULER__PARSING_PROCESSES": "1",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__TRIGGERER__DEFAULT_CAPACITY": "20",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }


def password() -> str:
    """The generated password of the user `admin`."""
    return secrets.secret("airflow_admin")


def _passwords_file():
    """Airflow would generate a password of its own and print it: it is given ours instead."""
    path = secrets.folder() / "airflow_passwords.json"
    text = json.dumps({USER: password()})
    if not path.exists() or path.read_text() != text:
        path.touch(0o600)
        path.write_text(text)
    return path
