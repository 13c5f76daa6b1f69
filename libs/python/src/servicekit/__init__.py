"""What Python services have in common: settings, logs, errors, health, and a clean end.

README.md shows its use, ../README.md is the contract that it keeps.
"""

from servicekit.identity import outgoing_headers
from servicekit.service import run
from servicekit.settings import Settings, duration

__all__ = ["Settings", "duration", "outgoing_headers", "run"]
