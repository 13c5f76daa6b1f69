"""gunicorn reads this file from its working directory.

By itself it binds to PORT and starts WEB_CONCURRENCY workers.
"""

from gunicorn.arbiter import Arbiter

wsgi_app = "config.wsgi"
threads = 8
preload_app = True
accesslog = "-"
# The root file system is read-only.
worker_tmp_dir = "/dev/shm"  # noqa: S108
control_socket_disable = True


def on_starting(_server: Arbiter) -> None:
    """SQLite's file is this process's own, so it is migrated here."""
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()  # before workers are forked
