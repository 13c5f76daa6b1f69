"""The service as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path


def start(**settings: str) -> subprocess.Popen[str]:
    src = str(Path(__file__).parent.parent / "src")
    return subprocess.Popen(
        [sys.executable, "-m", "service"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": src, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_serves_and_ends() -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    with start(PORT=str(port), PEERS=f"{url}/healthz") as service:
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    with urllib.request.urlopen(f"{url}/peers") as answer:  # noqa: S310
                        peers = json.load(answer)["peers"]
                    break
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            service.send_signal(signal.SIGTERM)
            out, err = service.communicate(timeout=60)
        finally:
            service.kill()
    assert (service.returncode, err) == (0, "")
    assert (peers[0]["status"], peers[0]["body"]) == (200, "ok\n")
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["service"] for line in lines} == {"hello-python"}


def test_wrong_settings() -> None:
    with start(PORT="x", PEERS="http://user:secret@host/", PEERS_TIMEOUT="2") as service:
        out, err = service.communicate(timeout=60)
    assert (service.returncode, out) == (1, "")
    expected = ["reading PORT", "reading PEERS", "reading PEERS_TIMEOUT"]
    assert [line.split(":")[0] for line in err.splitlines()] == expected
