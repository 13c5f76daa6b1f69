"""A small web service: app.py has its routes."""
