"""The rules of a gate as a checkpoint of Great Expectations, which is imported inside: it takes
seconds, and the parsing of a DAG must not wait for it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from klankbord.errors import GateError

if TYPE_CHECKING:
    from klankbord.gates import Rule

SITE = "klankbord"  # of Data Docs


def run(url: str, gate: str, rules: Sequence["Rule"], docs: Path) -> dict[str, bool]:
    """rule name -> whether it holds, as Great Expectations sees it; writes its Data Docs to `docs`.

    url: an SQLAlchemy address. Raises GateError for a rule that cannot be evaluated.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.expectations import UnexpectedRowsExpectation

    # an ephemeral context: a file context would write the database password to disk
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    context.add_data_docs_site(
        site_name=SITE,
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(docs),
            },
        },
    )
    source = context.data_sources.add_postgres(name="warehouse", connection_string=url)
    validations = []
    for table in dict.fromkeys(rule.table for rule in rules):
        schema, name = table.split(".")
        asset = source.add_table_asset(name=table, table_name=name, schema_name=schema)
        suite = context.suites.add(gx.ExpectationSuite(name=f"{gate}.{table}"))
        for rule in rules:
            if rule.table == table:
                suite.add_expectation(
                    UnexpectedRowsExpectation(
                        unexpected_rows_query=rule.offenders,
                        description=rule.description,
                        severity=rule.severity,
                        meta={"rule": rule.name},
                    )
                )
        validations.append(
            context.validation_definitions.add(
                gx.ValidationDefinition(
                    name=f"{gate}.{table}",
                    suite=suite,
                    data=asset.add_batch_definition_whole_table("all"),
                )
            )
        )
    made = context.checkpoints.add(
        gx.Checkpoint(
            name=gate,
            validation_definitions=validations,
            # by name: an ephemeral context also has a site in /tmp, open to all and never removed
            actions=[gx.checkpoint.UpdateDataDocsAction(name="data docs", site_names=[SITE])],
            result_format="COMPLETE",
        )
    )
    result = made.run()
    passed: dict[str, bool] = {}
    for outcome in result.run_results.values():
        for one in outcome.results:
            name = one.expectation_config.meta["rule"]
            if one.exception_info and one.exception_info.get("raised_exception"):
                raise GateError(
                    f"Gate {gate} could not evaluate {name}: "
                    f"{one.exception_info.get('exception_message', '').splitlines()[0]}"
                )
            passed[name] = bool(one.success)
    return passed
