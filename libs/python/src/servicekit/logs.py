"""One JSON object a line on stdout, by the contract; python-json-logger writes them."""

import logging
import sys
import threading
import time
from datetime import UTC, datetime
from typing import BinaryIO

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from servicekit.identity import current
from servicekit.settings import LEVELS

BATCH_DELAY = 0.1  # seconds that a line may wait for others: one system call for many lines
BATCH_LIMIT = 32 << 10  # characters

_NAMES = {number: name for name, number in LEVELS.items()} | {logging.CRITICAL: "error"}


def start(service: str, level: int) -> None:
    """Makes all loggers of this process write by the contract."""
    logging.basicConfig(level=level, handlers=[Lines(sys.stdout.buffer, service)], force=True)
    # One warning for each request that waits for a thread: that is what the threads are for.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)


class Lines(logging.Handler):
    """Writes lines in batches: after BATCH_DELAY, at once from warning up, and at the end."""

    def __init__(self, out: BinaryIO, service: str) -> None:
        super().__init__()
        self.setFormatter(
            JsonFormatter(
                ("time", "level", "message"),
                reserved_attrs=[*RESERVED_ATTRS, "service"],
                rename_fields={"exc_info": "exception", "stack_info": "stack"},
                static_fields={"service": service},
                json_ensure_ascii=False,
            )
        )
        self._out = out
        self._lines: list[str] = []
        self._size = 0
        self._waiting = threading.Event()
        threading.Thread(target=self._flush_often, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Takes one line."""
        try:
            line = self.format(add_context(record))
        except Exception:
            self.handleError(record)
            return
        self._lines.append(line)
        self._size += len(line)
        if record.levelno >= logging.WARNING or self._size > BATCH_LIMIT:
            self.flush()
        else:
            self._waiting.set()

    def flush(self) -> None:
        """Writes the lines that wait. Errors are lost: there is no other place to report them."""
        self.acquire()
        try:
            lines, self._lines, self._size = self._lines, [], 0
            if lines:
                self._out.write("".join(f"{line}\n" for line in lines).encode(errors="replace"))
                self._out.flush()
        except (OSError, ValueError):
            pass
        finally:
            self.release()

    def _flush_often(self) -> None:
        while self._waiting.wait():
            self._waiting.clear()
            time.sleep(BATCH_DELAY)
            self.flush()


def add_context(record: logging.LogRecord) -> logging.LogRecord:
    """Gives a record what every line has: it replaces what `extra` may call the same."""
    record.time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    record.level = _NAMES.get(record.levelno, "info")
    if identity := current.get():
        vars(record).update(identity.fields)
    return record
