"""`airflow standalone`, on 127.0.0.1 only: `python -m orchestration.standalone`.

The scheduler and the triggerer of `airflow standalone` each serve their logs to every network, and
no setting says otherwise. Here the API server reads the logs from the same disk: they are told to
serve nothing.
"""

from airflow.cli.commands import standalone_command

SERVE_LOGS = ("scheduler", "triggerer")


class Component(standalone_command.SubCommand):
    """One of standalone's programs."""

    def __init__(self, parent, name: str, command: list[str], env: dict[str, str]) -> None:
        quiet = ["--skip-serve-logs"] if name in SERVE_LOGS else []
        super().__init__(parent, name=name, command=[*command, *quiet], env=env)


def main() -> None:
    """Run until a signal comes; end the process group, not this process alone."""
    standalone_command.SubCommand = Component
    standalone_command.StandaloneCommand().run()


if __name__ == "__main__":
    main()
