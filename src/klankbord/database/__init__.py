"""PostgreSQL: the embedded server or one of your own, its roles, databases and schemas."""

from klankbord.database.access import (
    PLATFORM_STREAMS,
    ROLES,
    Access,
    autocommit,
    ensure_raw_tables,
    prepare,
)
from klankbord.database.cluster import Cluster
from klankbord.database.service import access, running
from klankbord.database.streaming import streamed

__all__ = [
    "PLATFORM_STREAMS",
    "ROLES",
    "Access",
    "Cluster",
    "access",
    "autocommit",
    "ensure_raw_tables",
    "prepare",
    "running",
    "streamed",
]
