"""gunicorn's settings: https://docs.gunicorn.org/en/stable/settings.html

Read by `python3 -m service`, which passes its arguments on: they win over what stands here.
"""

import gc
import os
import socket
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.http import Request
from gunicorn.http.errors import InvalidHeader
from gunicorn.workers.base import Worker

from service import limits, logs
from service.drain import Drain
from service.settings import Settings

settings = Settings.from_env(os.environ)
drain = Drain(settings.drain_delay)

wsgi_app = "service.wsgi:app"
bind = f"[::]:{settings.port}" if socket.has_dualstack_ipv6() else f"0.0.0.0:{settings.port}"

# A process for each CPU that the container may use, as many as fit into its memory.
_MEMORY_EACH = 64 * 2**20
workers = settings.workers or int(
    max(1, min(round(limits.cpus()), limits.memory() // _MEMORY_EACH))
)
worker_class = "service.worker.Worker"
threads = 8
# Loaded once and shared by all processes.
preload_app = True

# A worker that is stuck this long is replaced; it says nothing about requests.
timeout = 30
# Seconds that what is in flight may take after DRAIN_DELAY; `docker stop` kills after 10.
graceful_timeout = 8
# Longer than the 60 s after which load balancers drop idle connections: they should close first.
keepalive = 65

# Nothing is written but this heartbeat, and no home is needed.
_shm = "/dev/shm"  # noqa: S108
worker_tmp_dir = _shm if Path(_shm).is_dir() else None
control_socket_disable = True

accesslog = "-"
loglevel = settings.log_level
logger_class = logs.AccessLogger
logconfig_dict = logs.config(settings.log_level)


def when_ready(server: Arbiter) -> None:
    drain.install(server)


def pre_request(_worker: Worker, req: Request) -> None:
    # RFC 9112, 3.2: there must be one; gunicorn itself refuses only a second.
    if req.version != (1, 0) and all(name != "HOST" for name, _ in req.headers):
        raise InvalidHeader("HOST")


def pre_fork(_server: Arbiter, _worker: Worker) -> None:
    # Objects that the collector does not touch stay in shared pages.
    gc.freeze()
