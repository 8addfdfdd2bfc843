"""Airflow's metadata and pools: `python -m orchestration.setup`. Run as often as one likes."""

from airflow.models.pool import Pool
from airflow.utils import db

from klankbord.platforms.base import discover


def main() -> None:
    """Make or migrate the metadata database, and one pool for each platform."""
    db.initdb()
    for name, connector in discover().items():
        Pool.create_or_update_pool(
            f"klankbord_{name}",
            slots=connector.max_concurrency,
            description=f"{connector.title}: batches that may run at the same time",
            include_deferred=False,
        )


if __name__ == "__main__":
    main()
