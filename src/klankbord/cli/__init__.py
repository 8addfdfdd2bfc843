"""The command line, `klankbord …`: a command that cannot go on says why in one sentence."""

from klankbord.cli.main import main

__all__ = ["main"]
