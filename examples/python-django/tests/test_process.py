"""gunicorn as a process of its own, as the image runs it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_migrates_serves_and_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        "DATABASE": str(tmp_path / "db.sqlite3"),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PATH": os.environ["PATH"],
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=environment)
    try:
        body = get(f"http://127.0.0.1:{port}/")
        assert "Nobody has signed yet." in body
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def get(url: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url) as response:  # noqa: S310
                return str(response.read().decode())
        except OSError:
            assert time.monotonic() < deadline, "the service does not start"
            time.sleep(0.1)
