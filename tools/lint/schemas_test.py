"""A negative control of check-schemas: it refuses a file of each kind. Run from the top of the repository."""

import subprocess
import tempfile
import unittest
from pathlib import Path

CHECK = Path("tools/lint/check-schemas").resolve()

# Files with one fault each, and the words that must name it.
BROKEN = {
    "compose.yaml": ("services: {api: {image: api, memory_limit: 32000000}}", "'memory_limit' was unexpected"),
    "deploy/compose.yaml": ("services: {api: {image: api, restart: [always]}}", "['always'] is not of type 'string'"),
    ".github/dependabot.yml": (
        "version: 2\nupdates: [{package-ecosystem: npm, directory: /, schedule: {interval: sometimes}}]",
        "'sometimes' is not one of",
    ),
    ".github/workflows/ci.yml": ("on: push\njobs: {test: {runs_on: ubuntu-24.04, steps: [{run: make}]}}", "'runs_on'"),
    ".github/actions/lint/action.yml": ("name: lint\ndescription: lints\nruns: {using: composite, step: []}", "'step'"),
    ".devcontainer/devcontainer.json": ('// A comment.\n{"build": {"file": "Dockerfile"}}', "'dockerfile' is a required property"),
    ".vscode/launch.json": (
        '{"version": "0.2.0", "configurations": [{"name": "api", "type": "node", "request": "attach", "preLaunchTask": "run api", '
        '"address": "127.0.0.1", "port": "9229"}]}',
        "'9229' is not of type 'integer'",
    ),
    ".vscode/tasks.json": (
        '{"version": "2.0.0", "tasks": [{"label": "run", "type": "process", "cmd": "docker"}]}',
        "'cmd' was unexpected",
    ),
}


class Schemas(unittest.TestCase):
    def test_broken_files_are_refused(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, (text, _) in BROKEN.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        done = subprocess.run([CHECK], cwd=folder, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        for name, (_, fault) in BROKEN.items():
            with self.subTest(name):
                lines = [line for line in done.stdout.splitlines() if f"{name}::" in line and fault in line]
                self.assertTrue(lines, done.stdout)


if __name__ == "__main__":
    unittest.main()
