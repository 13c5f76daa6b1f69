"""The application, as gunicorn_conf configures it."""

from service.app import create_app
from service.gunicorn_conf import drain, settings

app = create_app(settings, draining=lambda: drain.draining)
