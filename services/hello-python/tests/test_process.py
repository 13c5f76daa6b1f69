"""The service as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from upstream import PATIENCE, until


def start(**settings: str) -> subprocess.Popen[str]:
    src = str(Path(__file__).parent.parent / "src")
    return subprocess.Popen(
        [sys.executable, "-m", "service"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": src, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("localhost", port)).close()
    except OSError:
        return False
    return True


def test_serves_and_ends() -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    peer = f"http://localhost:{port}/healthz"
    with start(PORT=str(port), PEERS=peer, PEERS_TIMEOUT="1h") as service:
        try:
            until(lambda: service.poll() is not None or accepts(port))
            with urllib.request.urlopen(f"http://localhost:{port}/peers") as answer:
                peers = json.load(answer)["peers"]
            service.send_signal(signal.SIGTERM)
            out, err = service.communicate(timeout=PATIENCE)
        finally:
            service.kill()
    assert (service.returncode, err) == (0, "")
    assert peers == [{"url": peer, "status": 200, "body": "ok\n", "ms": peers[0]["ms"]}]
    lines = [json.loads(line) for line in out.splitlines()]
    assert {line["service"] for line in lines} == {"hello-python"}


def test_wrong_settings() -> None:
    with start(PORT="x", PEERS="http://user:secret@host/", PEERS_TIMEOUT="2") as service:
        out, err = service.communicate(timeout=PATIENCE)
    assert (service.returncode, out) == (1, "")
    expected = ["reading PORT", "reading PEERS", "reading PEERS_TIMEOUT"]
    assert [line.split(":")[0] for line in err.splitlines()] == expected
