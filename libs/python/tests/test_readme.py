"""What the README shows works."""

import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from process import HERE, PATIENCE, environment, until

README = (HERE.parent / "README.md").read_text()


def blocks() -> list[str]:
    """The indented blocks."""
    parts: list[list[str]] = [[]]
    for line in README.splitlines():
        if line.startswith("    ") or (not line and parts[-1]):
            parts[-1].append(line.removeprefix("    "))
        elif parts[-1]:
            parts.append([])
    return ["\n".join(part).strip() for part in parts if part]


def test_service(tmp_path: Path) -> None:
    program = tmp_path / "greeter.py"
    program.write_text(blocks()[0])
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, str(program)], env=environment(PORT=str(port)), stdout=subprocess.DEVNULL
    ) as service:
        try:
            answers: list[bytes] = []

            def answered() -> bool:
                try:
                    with urlopen(f"http://localhost:{port}/") as answer:
                        answers.append(answer.read())
                except OSError:
                    return False
                return True

            until(answered)
            assert answers == [b'{"message":"hello"}\n']
            service.terminate()
            assert service.wait(PATIENCE) == 0
        finally:
            service.kill()


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAM_TIMEOUT", "5s")
    names: dict[str, object] = {}
    exec(f"from servicekit import Settings, duration\n{blocks()[1]}", names)  # noqa: S102
    assert names["timeout"] == 5
