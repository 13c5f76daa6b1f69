import logging
import os
import sys

from aiohttp import web

from kinds.app import create_app


def port() -> int:
    text = os.environ.get("PORT", "8000")
    if not (text.isdecimal() and 0 < int(text) < 65536):
        sys.exit(f"kinds: read PORT: {text!r} is not a port; write a number from 1 to 65535")
    return int(text)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    web.run_app(create_app(), port=port(), shutdown_timeout=8, print=None)


if __name__ == "__main__":
    main()
