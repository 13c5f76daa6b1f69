import os
import sys

port = os.environ.get("PORT", "8000")
if not (port.isdecimal() and 0 < int(port) < 65536):
    sys.exit(f"reports: read PORT: {port!r} is not a port; write a number from 1 to 65535")

bind = f"0.0.0.0:{port}"
wsgi_app = "reports.app:create_app()"
worker_class = "gthread"
workers = 1  # pandas takes 100 MB in each
threads = 16
preload_app = True
graceful_timeout = 8
