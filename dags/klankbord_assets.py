"""What the DAGs share: the assets that tie them together, and what is worth a second try."""

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule

from klankbord.platforms.base import discover

REGISTER = Asset("klankbord_register")
RAW = {name: Asset(f"klankbord_raw_{name}") for name in discover()}
PUBLISHED = Asset("klankbord_published")

#: A faulty register, a gate that says no or a date in the past are no better a minute later.
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule("klankbord.errors.DatabaseError", RetryAction.RETRY),
        RetryRule("klankbord.errors.KlankbordError", RetryAction.FAIL),
    ]
)
