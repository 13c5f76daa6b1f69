"""One JSON object a line, on stdout."""

import json
import logging
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gunicorn.glogging import Logger


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "msg": record.getMessage(),
            "logger": record.name,
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["error"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(entry, default=str)


def config(level: str) -> dict[str, Any]:
    """For logging.config.dictConfig, or gunicorn's logconfig_dict."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "formatter": "json",
                "stream": "ext://sys.stdout",
            }
        },
        "root": {"level": level.upper(), "handlers": ["stdout"]},
        "loggers": {
            "gunicorn.error": {"level": level.upper(), "propagate": True},
            "gunicorn.access": {"level": level.upper(), "propagate": True},
        },
    }


class AccessLogger(Logger):
    """gunicorn's logger, with the access log as fields; what probes ask is for debugging only."""

    def access(
        self, resp: Any, _req: Any, environ: Mapping[str, Any], request_time: timedelta
    ) -> None:
        path = environ.get("PATH_INFO")
        status = int(str(resp.status).split(maxsplit=1)[0])
        quiet = path in ("/healthz", "/readyz") and status < 400
        level = logging.DEBUG if quiet else logging.INFO
        if not self.access_log.isEnabledFor(level):
            return
        fields = {
            "method": environ.get("REQUEST_METHOD"),
            "path": path,
            "status": status,
            "bytes": resp.sent,
            "ms": round(request_time.total_seconds() * 1000, 2),
            "remote": str(environ.get("REMOTE_ADDR")).removeprefix("::ffff:"),
        }
        self.access_log.log(level, "request", extra={"fields": fields})
