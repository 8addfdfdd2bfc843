"""Whether a container's service works; the healthchecks of docker-compose.yml. Ends with 0 or 1.

    healthy.py pages URL…             each address answers
    healthy.py airflow URL COMPONENT  Airflow's health document calls the component healthy
    healthy.py celery BROKER          the Celery worker on this host answers a ping

Standard library only, except `celery`, which imports no Airflow: `airflow jobs check` would take
some five seconds of processor time for each service, every time.
"""

import json
import socket
import sys
import urllib.request

SECONDS = 8


def read(url: str) -> bytes:
    """The body of an answer; a status of 400 or more, and no answer, raise OSError."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    with opener.open(url, timeout=SECONDS) as answer:
        return answer.read()


def is_component_healthy(url: str, component: str) -> bool:
    """What the API server says of a component's last heartbeat, as an operator would see it."""
    return json.loads(read(url))[component]["status"] == "healthy"


def does_worker_answer(broker: str) -> bool:
    """Whether the worker of this host, and not another one of the queue, answers."""
    from celery import Celery
    from kombu.exceptions import OperationalError

    name = f"celery@{socket.gethostname()}"
    try:
        return bool(Celery(broker=broker).control.ping([name], timeout=SECONDS, limit=1))
    except OperationalError as error:
        raise OSError(f"the broker does not answer: {error}") from error


def main(kind: str, *arguments: str) -> int:
    """0 when healthy, else 1 with the reason."""
    try:
        if kind == "pages":
            is_healthy = all(read(url) is not None for url in arguments)
        elif kind == "airflow":
            is_healthy = is_component_healthy(*arguments)
        else:
            is_healthy = does_worker_answer(*arguments)
    except (OSError, ValueError, KeyError) as error:
        print(f"{kind}: {error}", file=sys.stderr)
        return 1
    if not is_healthy:
        print(f"{kind} {arguments[-1]}: not healthy", file=sys.stderr)
    return 0 if is_healthy else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
