"""The drop folder's DAG for real: loads, puts aside, fails for what was refused, announces."""

import shutil

from tests.dags.airflow_house import copied
from tests.dags.test_runs import tasks
from tests.imports.conftest import ACCOUNTS, FILES


def test_a_refused_file_fails_its_task_after_the_others_were_loaded(empty_house, tmp_path):
    with copied(empty_house) as house:
        with house.access.connect("klankbord_loader") as connection, connection.cursor() as cursor:
            for row in ACCOUNTS:
                cursor.execute(
                    "insert into register.accounts (account_id, organisation_id, platform, handle,"
                    " platform_user_id, role, access_tier, is_synthetic, basis, source,"
                    " recorded_at, source_file, source_line) values (%s, %s, %s, %s, %s,"
                    " 'official', 'T0', true, 'synthetic', 's', now(), 'f', 1)",
                    row,
                )
        for name in ("x_posts.csv", "x_account_daily.csv"):
            shutil.copy(FILES / name, tmp_path)
        house = house.having(KLANKBORD_DROP_FOLDER=str(tmp_path))
        # the first run looks, the second takes what has not changed, the third finds nothing
        run = house.run(*["import_drop_folder"] * 3)
        assert run.code == 1, run.output
        assert [e["state"] for e in run.events if e["event"] == "dag"] == [
            "success",
            "failed",
            "success",
        ]
        [error] = run.errors
        assert error.startswith("import_drop_folder.name_refusals: 1 file(s) moved to refused/:")
        assert "x_account_daily.csv:2: the file does not say whose it is" in error
        assert house.rows("select count(*) from raw.import_insights") == [(9,)]
        assert {p.name for p in tmp_path.iterdir() if p.is_dir()} == {"done", "refused"}
        # only the run that loaded something wakes the build
        events = "select count(*) from asset_event as e join asset as a on a.id = e.asset_id"
        assert house.airflow_rows(f"{events} where a.name = 'klankbord_imported'") == [(1,)]
        assert tasks(house, "import_drop_folder") == {
            ("load_files", -1): ("success", 1),
            ("announce", -1): ("skipped", 1),
            ("name_refusals", -1): ("success", 1),
        }
