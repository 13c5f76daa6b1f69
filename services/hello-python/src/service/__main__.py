"""python3 -m service [GUNICORN OPTION...]"""

import os
import signal
import sys


def main() -> None:
    # First of all, until gunicorn takes over: a container's process 1 ignores signals that it has
    # no handler for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    from service.settings import Settings, SettingsError

    try:
        Settings.from_env(os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    if not os.environ.get("WEB_CONCURRENCY"):
        os.environ.pop("WEB_CONCURRENCY", None)  # gunicorn would take an empty one for a number

    from gunicorn.app.wsgiapp import run

    sys.argv[1:1] = ["--config", "python:service.gunicorn_conf"]
    run(prog="service")


if __name__ == "__main__":
    main()
