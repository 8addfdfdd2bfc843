"""The command line: `klankbord …`. Each subcommand prints one clear sentence when it cannot go on."""

from klankbord.cli.main import main

__all__ = ["main"]
