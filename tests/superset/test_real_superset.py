"""A real Superset over a throw-away PostgreSQL: deployed, deployed again, drifted, looked at."""

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import psycopg2
import pytest
from psycopg2 import sql

from klankbord import dashboards, database, processes, secrets
from klankbord import superset as superset_module
from klankbord.dashboards import client as superset_client
from klankbord.dashboards.bundle import Bundle
from klankbord.dashboards.client import Client
from klankbord.superset import ADMIN, Superset
from tests.conftest import free_port, skip_or_fail
from tests.databases import new_warehouse
from tests.superset.publishing import create

pytestmark = pytest.mark.slow
#: everything that a deployment may write, in Superset's metadata
WRITTEN = ("dbs", "tables", "table_columns", "sql_metrics", "slices", "dashboards",
           "dashboard_slices")  # fmt: skip


@dataclass(frozen=True)
class House:
    """A Superset that serves, the warehouse it reads, and what is deployed there."""

    superset: Superset
    warehouse: database.Access
    bundle: Bundle
    reader_password: str = field(repr=False)

    def deploy(self, bundle: Bundle | None = None) -> dashboards.Report:
        return dashboards.deploy(
            bundle or self.bundle, self.superset.base_url, ADMIN, self.superset.admin_password,
            self.reader_password,
        )  # fmt: skip

    def session(self) -> Iterator[Client]:
        return superset_client.connect(self.superset.base_url, ADMIN, self.superset.admin_password)  # type: ignore[return-value]

    def read_metadata(self) -> dict[str, list[str]]:
        """Every row of the tables that a deployment may write, ids and moments included."""
        connection = psycopg2.connect(**self.warehouse.parameters("superset", "superset"))
        with connection, connection.cursor() as cursor:
            rows = {}
            for table in WRITTEN:
                cursor.execute(sql.SQL("select * from {}").format(sql.Identifier(table)))
                rows[table] = sorted(
                    repr([bytes(v) if isinstance(v, memoryview) else v for v in row])
                    for row in cursor.fetchall()
                )
        connection.close()
        return rows


@pytest.fixture(scope="module")
def warehouse(postgres: database.Access) -> Iterator[database.Access]:
    """A database with published tables, for this module only."""
    with new_warehouse(postgres) as access:
        connection = access.open(access.admin)
        create(connection)
        connection.close()
        yield access


@pytest.fixture(scope="module")
def house(warehouse: database.Access, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    if not (superset_module.ENVIRONMENT / "bin" / "gunicorn").exists():
        skip_or_fail("Superset's environment .venv-superset is not made")
    superset = Superset(
        tmp_path_factory.mktemp("superset"), free_port(), secrets.secret("superset_key"),
        secrets.secret("superset_admin"), warehouse.url("superset", "superset"),
    )  # fmt: skip
    superset.prepare()
    running = superset.start()
    address = dashboards.Address(warehouse.host, warehouse.port, warehouse.dbname)
    try:
        bundle = dashboards.render(address)
        yield House(superset, warehouse, bundle, secrets.secret("postgres_klankbord_reader"))
    finally:
        running.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", superset.port)), "Superset was left behind"


def test_a_second_preparation_does_nothing(house: House) -> None:
    begin = time.monotonic()
    assert house.superset.prepare() is False
    assert time.monotonic() - begin < 2


def test_a_new_password_is_prepared_again(house: House) -> None:
    # only asked, not done: a second Superset would be another quarter of a minute
    other = replace(house.superset, admin_password="another")
    assert house.superset._is_prepared()
    assert not other._is_prepared()


def test_a_busy_port_is_one_sentence(house: House) -> None:
    port = house.superset.port
    with pytest.raises(processes.ProcessError, match=rf"^Port {port}, .* KLANKBORD_SUPERSET_PORT"):
        house.superset.start()


def test_secrets_are_in_no_representation_or_log(house: House) -> None:
    hidden = [house.superset.admin_password, house.superset.secret_key, house.reader_password]
    texts = [repr(house.superset)]
    texts += [path.read_text() for path in house.superset.folder.glob("*.log")]
    for secret in hidden:
        assert all(secret not in text for text in texts)
    assert (house.superset.folder / "klankbord.json").stat().st_mode & 0o077 == 0


def test_deploying_twice_changes_nothing(house: House) -> None:
    house.deploy()
    before = house.read_metadata()
    report = house.deploy()
    assert (report.imported, report.changed, report.removed, report.kept) == (False, [], [], [])
    assert house.read_metadata() == before
    assert before["dashboards"] and before["slices"]


def test_even_an_import_keeps_every_id(house: House) -> None:
    house.deploy()
    with house.session() as client:
        ids = {uuid: asset.id for uuid, asset in client.export().items()}
        passwords = dict.fromkeys(house.bundle.of("databases"), house.reader_password)
        client.import_bundle(house.bundle.zip(), passwords)
        assert {uuid: asset.id for uuid, asset in client.export().items()} == ids


def test_every_chart_answers_with_rows(house: House) -> None:
    house.deploy()
    with house.session() as client, ThreadPoolExecutor(4) as pool:
        charts = [asset for asset in client.export().values() if asset.kind == "charts"]
        answers = list(zip(charts, pool.map(client.chart_data, charts), strict=True))
    assert len(answers) == len(house.bundle.of("charts"))
    assert [chart.path for chart, rows in answers if not rows] == []
    axes = {chart.content["params"].get("x_axis") for chart, _ in answers}
    assert {"platform_note", "type_note", "size_note"} <= axes
    for chart, rows in answers:
        axis = chart.content["params"].get("x_axis")
        labels = [row[axis] for row in rows] if str(axis).endswith("_note") else []
        if axis in ("platform_note", "type_note"):
            _check_labels(sorted(labels))  # as Superset sorts them: by code points
        elif axis in ("platform_change", "type_phases"):
            _check_order(sorted(row[axis] for row in rows))
        elif axis == "after_label":
            steps = sorted({row[axis] for row in rows})
            assert [step.strip("\u200b").split()[0] for step in steps] == [
                "1", "2", "4", "8", "12", "1", "2", "3", "5", "7",
            ]  # fmt: skip
        elif axis == "size_note":
            _check_labels(labels)  # which has a metric to sort by


#: as texts.yaml has them
PLATFORMS = (
    "Facebook", "X", "Bluesky", "Mastodon", "YouTube", "Instagram", "Threads", "Website",
    "LinkedIn", "TikTok",
)  # fmt: skip


def _check_labels(labels: list[str]) -> None:
    """Every bar says how much is behind it, and they stand in the order of texts.yaml."""
    behind = (
        r"(\d+(–\d+)? (van|of) \d+|[\d.,]+ (vragen|questions)|verborgen om|hidden to|niet van"
        r" toepassing|not applicable)"
    )
    assert [label for label in labels if not re.search(rf" · {behind}", label)] == []
    _check_order(labels)


def _check_order(labels: list[str]) -> None:
    names = list(dict.fromkeys(label.strip().split(" · ")[0] for label in labels))
    platforms = [name for name in PLATFORMS if name in names]
    types = ["Gemeente", "Politiezone", "Hulpverleningszone"]
    assert names in (platforms, types, ["Municipality", "Police zone", "Emergency zone"])


def test_what_nobody_has_yet_is_said_in_words(house: House) -> None:
    """No target, survey, incident, year before: every tile still has a row to say so with."""
    house.deploy()
    connection = house.warehouse.open(house.warehouse.admin)
    try:
        create(connection, empty=True)
        with house.session() as client, ThreadPoolExecutor(4) as pool:
            # both languages ask alike
            dutch = {a["uuid"] for p, a in house.bundle.of("charts").items() if "-nl." in p}
            charts = [asset for uuid, asset in client.export().items() if uuid in dutch]
            assert len(charts) == len(dutch) > 40
            rows = pool.map(client.chart_data, charts)
            assert [c.path for c, found in zip(charts, rows, strict=True) if not found] == []
    finally:
        create(connection)
        connection.close()


def test_an_orphan_is_removed_what_somebody_uses_is_kept_and_a_stranger_stays(house: House) -> None:
    chart = house.bundle.files["charts/regional-trend-nl.yaml"]
    orphan = {**chart, "uuid": "11111111-1111-4111-8111-111111111111"}
    used = {
        **house.bundle.files["datasets/klankbord/group_trend_nl.yaml"],
        "uuid": "33333333-3333-4333-8333-333333333333", "table_name": "old_dataset",
    }  # fmt: skip
    stranger = {
        **chart, "uuid": "44444444-4444-4444-8444-444444444444", "certified_by": None,
        "dataset_uuid": used["uuid"],
    }  # fmt: skip
    more = {"charts/orphan.yaml": orphan, "charts/mine.yaml": stranger,
            "datasets/klankbord/old.yaml": used}  # fmt: skip
    house.deploy(replace(house.bundle, files={**house.bundle.files, **more}))
    report = house.deploy()
    assert (len(report.removed), len(report.kept)) == (1, 1)
    with house.session() as client:
        present = client.export()
        assert orphan["uuid"] not in present
        assert {stranger["uuid"], used["uuid"]} <= present.keys()
        client.delete(present[stranger["uuid"]])
    report = house.deploy()
    assert (len(report.removed), report.kept) == (1, [])
    assert house.deploy().removed == []


def test_drift_is_named_and_mended(house: House) -> None:
    house.deploy()
    login = (house.superset.base_url, ADMIN, house.superset.admin_password)
    assert dashboards.drift(house.bundle, *login) == []
    path = "charts/regional-trend-nl.yaml"
    with house.session() as client:
        chart = client.export()[house.bundle.files[path]["uuid"]]
        client._ask("PUT", f"/api/v1/chart/{chart.id}", json={"slice_name": "Aangepast"})
    lines = dashboards.drift(house.bundle, *login)
    assert len(lines) == 1
    assert lines[0].startswith(f"{path}: slice_name: file has ")
    assert lines[0].endswith('Superset has "Aangepast"')
    assert house.deploy().imported
    assert dashboards.drift(house.bundle, *login) == []


def test_a_rotated_password_is_taken_over(house: House) -> None:
    house.deploy()
    rotated = replace(house, reader_password="rotated")
    with house.session() as client:
        chart = next(a for a in client.export().values() if a.kind == "charts")
    try:
        _set_reader_password(house, "rotated")
        with pytest.raises(superset_client.SupersetRefused) as refusal, house.session() as client:
            client.chart_data(chart)
        assert house.reader_password not in str(refusal.value)
        assert rotated.deploy().imported
        with house.session() as client:
            assert client.chart_data(chart)
    finally:
        _set_reader_password(house, house.reader_password)
    assert house.deploy().imported


def _set_reader_password(house: House, password: str) -> None:
    with house.warehouse.connect(house.warehouse.admin) as connection:
        connection.cursor().execute("alter role klankbord_reader password %s", [password])
    with house.warehouse.connect(house.warehouse.admin) as connection:
        # open connections of Superset's would go on with the old one
        connection.cursor().execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'klankbord_reader'"
        )


def test_a_stranger_sees_nothing(house: House) -> None:
    with httpx.Client(base_url=house.superset.base_url, trust_env=False) as http:
        assert http.get("/api/v1/assets/export/").status_code == 401
        assert http.get("/superset/dashboard/regionale-benchmark/").status_code in (302, 401)


@pytest.mark.parametrize(("language", "decimal"), [("nl", ","), ("en", "."), ("fr", ","),
                                                   ("de", ",")])  # fmt: skip
def test_numbers_are_written_in_the_readers_language(
    house: House, language: str, decimal: str
) -> None:
    with httpx.Client(
        base_url=house.superset.base_url, trust_env=False, follow_redirects=True
    ) as http:
        http.get(f"/lang/{language}")
        page = http.get("/login/").text.replace("&#34;", '"').replace("&quot;", '"')
    found = re.search(r'"d3_format":\s*\{[^}]*"decimal":\s*"(.)"', page)
    assert found and found[1] == decimal


def test_nothing_of_another_host_may_load(house: House) -> None:
    answer = httpx.get(f"{house.superset.base_url}/login/", trust_env=False)
    assert "http" not in answer.headers["content-security-policy"]


def test_each_dashboard_is_drawn(house: House, needs, tmp_path: Path) -> None:
    needs("chromium")
    house.deploy()
    pictures = dashboards.take_pictures(
        house.superset.base_url, ADMIN, house.superset.admin_password, tmp_path
    )
    assert {p.path.stem for p in pictures} == {
        asset["slug"] for asset in house.bundle.of("dashboards").values()
    }
    for picture in pictures:
        name = picture.path.stem
        boxes = house.bundle.files[f"dashboards/{name}.yaml"]["position"].values()
        wanted = sum(isinstance(box, dict) and box["type"] == "CHART" for box in boxes)
        assert len(picture.charts) == wanted, name
        bad = [c for c in picture.charts if c.error or c.is_empty or c.is_cut or not c.is_drawn]
        assert bad == [], name
        assert picture.blocked == [], name
        assert picture.path.stat().st_size > 50_000
    texts = {picture.path.stem: picture.text for picture in pictures}
    assert "Synthetische gegevens" in texts["regionale-benchmark"]
    assert "Synthetic data" in texts["my-organisation"]
    # one organisation is chosen from the start, and its figures have a decimal comma in Dutch
    assert re.search(r"mediaan van je groep: \d+,\d", texts["mijn-organisatie"])
    assert re.search(r"median of your group: \d+\.\d", texts["my-organisation"])
    # four cards of one organisation, and not those of everybody
    assert texts["mijn-organisatie"].count("mediaan van je groep:") == 4
    # each card says what to do next, and so does a column of the table
    assert texts["mijn-organisatie"].count("Wat nu?") == 5
    assert texts["my-organisation"].count("What now?") == 5
    # a difference and a change are told apart from chance, and what a place is not is said
    for words in ("Niet te onderscheiden van je groep.", "tegenover een jaar geleden", "kan toeval",
                  "is geen oordeel", "binnen een dag antwoord"):  # fmt: skip
        assert words in texts["mijn-organisatie"], words
    assert "Not distinguishable from your group." in texts["my-organisation"]
    for words in ("op schema", "achter op schema", "Geen verwachting", "Nog geen cijfer", "Fase 2",
                  "regels gehaald", "+14 % (van 2.145 naar 2.445)"):  # fmt: skip
        assert words in texts["doelen-en-groeifase"], words
    for words in ("Vergelijkbaar", "Buren", "gewicht", "geen ranglijst", "gelijk deel",
                  "jij: 31.100", "een aandeel is geen oordeel"):  # fmt: skip
        assert words in texts["mijn-gelijken"], words
    for words in ("een echte", "Dezelfde organisaties", "Groeifase",
                  "verborgen om enkelen te beschermen", "Kaart van 2019",
                  "Balen + Dessel"):  # fmt: skip
        assert words in texts["regionale-benchmark"], words
    for words in ("Binnen de norm", "niet bekend", "geen bericht gevonden"):
        assert words in texts["crisis"], words
    assert "geen telling" in texts["enquete"] and "not a census" in texts["survey"]
    # looking at a dashboard is not a change of it
    assert house.deploy().imported is False
