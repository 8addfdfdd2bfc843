"""Every error a user can meet. A message says what, where and what to do, in one sentence."""


class KlankbordError(Exception):
    """Base of all expected errors; the command line prints its text and exits with 1."""


class SettingsError(KlankbordError):
    """A setting is missing or impossible."""


class DatabaseError(KlankbordError):
    """The embedded or given PostgreSQL cannot be used."""


class RegisterError(KlankbordError):
    """The register's files are faulty; carries every fault at once."""


class PastSnapshotError(KlankbordError):
    """A snapshot was asked for another day than today: followers are only observable now."""


class GateError(KlankbordError):
    """A gate said no; carries the failed expectations and the accounts or bodies they name."""
