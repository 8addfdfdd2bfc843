"""The few calls of Superset's REST API that a deployment needs."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import yaml

from klankbord.errors import KlankbordError

#: kind of asset -> its resource in the API
RESOURCES = {
    "databases": "database",
    "datasets": "dataset",
    "charts": "chart",
    "dashboards": "dashboard",
}
TIMEOUT_SECONDS = 60


class SupersetRefused(KlankbordError):
    """Superset did not do what was asked."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An asset as Superset has it now. `id` is None for databases (their files do not say it)."""

    kind: str
    path: str
    id: int | None
    content: dict[str, Any]


class Client:
    """A logged-in session. Use `connect`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def export(self) -> dict[str, Exported]:
        """uuid -> asset, of everything there."""
        answer = self._ask("GET", "/api/v1/assets/export/")
        found: dict[str, Exported] = {}
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            for name in archive.namelist():
                path = name.partition("/")[2]
                kind = path.partition("/")[0]
                if kind not in RESOURCES:
                    continue
                content = yaml.safe_load(archive.read(name))
                number = re.search(r"_(\d+)\.yaml$", path)
                identity = int(number[1]) if number and kind != "databases" else None
                found[str(content["uuid"])] = Exported(kind, path, identity, content)
        return found

    def import_bundle(self, archive: bytes, passwords: dict[str, str]) -> None:
        """Create or overwrite everything in the bundle; passwords by path of a database's file."""
        self._ask(
            "POST",
            "/api/v1/assets/import/",
            files={"bundle": ("klankbord.zip", archive, "application/zip")},
            data={"passwords": json.dumps(passwords)},
        )

    def delete(self, asset: Exported) -> None:
        """Remove a chart, dataset or dashboard."""
        self._ask("DELETE", f"/api/v1/{RESOURCES[asset.kind]}/{asset.id}")

    def count_charts_of(self, dataset: Exported) -> int:
        """How many charts would break without this dataset."""
        path = f"/api/v1/dataset/{dataset.id}/related_objects"
        return int(self._ask("GET", path).json()["charts"]["count"])

    def list_changes(self, kind: str) -> dict[int, str]:
        """id -> moment of the last change, of all assets of a kind."""
        query = "(page:0,page_size:1000)"
        rows = self._ask("GET", f"/api/v1/{RESOURCES[kind]}/?q={query}").json()["result"]
        return {row["id"]: row.get("changed_on_utc") or row.get("changed_on") for row in rows}

    def can_read(self, database_uuid: str) -> bool:
        """Whether Superset's stored password still opens the database."""
        rows = self._ask("GET", "/api/v1/database/?q=(page_size:1000)").json()["result"]
        for row in rows:
            if row["uuid"] == database_uuid:
                path = f"/api/v1/database/{row['id']}/schemas/?q=(force:!t)"
                answer = self._http.get(path)
                return answer.status_code == 200 and "published" in answer.json()["result"]
        return False

    def chart_data(self, chart: Exported) -> list[dict[str, Any]]:
        """The rows of a chart, from the query that it was saved with."""
        result = self._ask("GET", f"/api/v1/chart/{chart.id}/data/").json()["result"]
        return result[0]["data"]

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **more)
        except httpx.TransportError as error:
            raise SupersetRefused(
                f"Superset at {self._http.base_url} does not answer ({type(error).__name__}):"
                " start it first."
            ) from error
        if answer.is_error:
            raise SupersetRefused(
                f"Superset answered {answer.status_code} to {method} {path.partition('?')[0]}:"
                f" {_reason(answer)}"
            )
        return answer


@contextmanager
def connect(base_url: str, user: str, password: str) -> Iterator[Client]:
    """Log in and get the CSRF token that every change needs, together with a Referer."""
    with httpx.Client(
        base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False,
        headers={"Referer": f"{base_url}/"},
    ) as http:  # fmt: skip
        client = Client(http)
        answer = client._ask(
            "POST",
            "/api/v1/security/login",
            json={"username": user, "password": password, "provider": "db", "refresh": False},
        )
        http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        token = client._ask("GET", "/api/v1/security/csrf_token/").json()["result"]
        http.headers["X-CSRFToken"] = token
        yield client


def _reason(answer: httpx.Response) -> str:
    """What Superset says is wrong, shortened."""
    try:
        body = answer.json()
    except ValueError:
        return "no reason given."
    reason = body.get("message") or body.get("errors") or body
    return (reason if isinstance(reason, str) else json.dumps(reason, ensure_ascii=False))[:600]
