"""Generated passwords and keys: one file each, in a folder that nobody else can read."""

import os
import secrets as random_secrets
from pathlib import Path

from klankbord import settings
from klankbord.errors import SettingsError


def folder() -> Path:
    """The secrets' folder, made with mode 0700."""
    path = settings.home() / "secrets"
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"The folder {path} cannot be made ({error.strerror}): set KLANKBORD_HOME to a folder "
            "that you may write to, or make room on the disk."
        ) from error
    return path


def secret(name: str) -> str:
    """The secret of that name; generated on first use, the same afterwards.

    Written under a name of its own and linked into place, so two processes that ask at the same
    moment get one and the same secret.
    """
    path = folder() / name
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}.{random_secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(random_secrets.token_urlsafe(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
