"""Collects the static files when the wheel is built, hashed and compressed."""

import os
import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CollectStatic(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        if version == "editable":  # a developer's: runserver finds them where they are
            return
        subprocess.run(
            [
                sys.executable,
                "manage.py",
                "collectstatic",
                "--clear",
                "--no-input",
                "--verbosity=0",
            ],
            cwd=self.root,
            env={**os.environ, "SECRET_KEY": "collectstatic signs nothing"},
            check=True,
        )
