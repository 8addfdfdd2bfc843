"""Channels that are registered by hand, in a house that measures: present, and in no figure."""

from dataclasses import replace

from klankbord import warehouse as dbt
from klankbord.imports import archive as archive_import
from klankbord.register import AccountRow
from tests.inputs.test_inputs_in_the_warehouse import BY_HAND
from tests.pipeline.house import NOW, open_house
from tests.pipeline.registers import some_bodies


def by_hand(organisation_id: str, platform: str) -> AccountRow:
    """A channel, as a line of accounts.csv."""
    return AccountRow(
        account_id=f"{organisation_id}-{platform}",
        organisation_id=organisation_id,
        platform=platform,
        handle="kanaal",
        platform_user_id=None,
        role="official",
        access_tier="T0",
        valid_from=None,
        valid_to=None,
        is_synthetic=True,
        basis="synthetic",
        source="a test",
    )


def test_a_house_with_channels_by_hand_has_no_figure_of_them(warehouse, tmp_path):
    """A study's count of a channel's followers is kept, and makes no month and no figure."""
    chosen = some_bodies(1)
    body = min(name for name in chosen if name.startswith("be-municipality"))
    with open_house(warehouse, only=chosen) as house:
        channels = [by_hand(body, platform) for platform in sorted(BY_HAND)]
        house.register = replace(house.register, accounts=[*house.register.accounts, *channels])
        house.sync_register()
        house.import_archive(tmp_path)
        study = tmp_path / "study.csv"
        lines = [f"{c.account_id},2026-09-{10 + n},500,study" for n, c in enumerate(channels)]
        study.write_text("\n".join(["account,date,followers,source", *lines]) + "\n")
        assert archive_import.load(warehouse, study, NOW).inserted == len(BY_HAND)
        # the followers of studies alone make figures, so nothing need be scanned
        models = ["+rpt_organisation_metric", "+fct_account_metric", "+fct_presence"]
        dbt.run(warehouse, ["build", "--exclude-resource-type", "unit_test", "--select", *models])

        by = "klankbord_publisher"
        for table in ("reporting.rpt_organisation_metric", "marts.fct_account_metric"):
            found = house.rows(f"select distinct platform from {table}", role=by)
            assert len(found) > 1 and not {p for (p,) in found} & BY_HAND, table
        present = (
            "select platform from marts.fct_presence where is_present and organisation_id = %s"
        )
        month = " and period_start = '2026-08-01'"
        assert {p for (p,) in house.rows(present + month, body, role=by)} == BY_HAND
