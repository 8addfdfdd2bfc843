"""The benchmark of the landing runs, loses nothing, and stays small. Its rates are for people."""

import json
import subprocess
import sys

import pytest
from benchmarks.static_server import PAGE, page

from klankbord import settings


def test_a_served_page_is_what_x_would_send():
    head, _, body = page(0, 2).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    posts = json.loads(body)["data"]
    assert len({post["id"] for post in posts}) == PAGE == len(posts)
    assert json.loads(body)["meta"]["next_token"] == "t1"
    assert "next_token" not in json.loads(page(2, 2).partition(b"\r\n\r\n")[2])["meta"]


@pytest.mark.slow
def test_four_processes_at_once_lose_nothing_and_memory_is_flat():
    arguments = ["--posts", "16000", "--rounds", "1", "--processes", "4"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.landing", *arguments],
        cwd=settings.PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert (found["posts"], found["lost"]) == (16_000, 0)
    assert found["peak_mb"] < 100
    assert found["landing_per_second"] > 0 and found["copy_per_second"] > 0
