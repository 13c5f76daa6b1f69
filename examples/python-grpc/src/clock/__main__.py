"""python3 -m clock"""

import logging
import os
import signal
import sys

from clock.server import Server

GRACE = 8.0  # seconds; `docker stop` kills after 10


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # Blocked before gRPC starts its threads: sigwait() below takes them.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    port = os.environ.get("PORT", "50051")
    # gRPC would take 70000 for 4464.
    if not (port.isdecimal() and 0 < int(port) < 65536):
        sys.exit(f"clock: PORT is {port!r}, and must be a number from 1 to 65535")
    try:
        server = Server(f"[::]:{port}", GRACE)
    except RuntimeError as error:
        sys.exit(f"clock: listening on port {port}: {error}")
    with server:
        logging.info("listening on port %d", server.port)
        signal.sigwait(ends)
        logging.info("stopping")


if __name__ == "__main__":
    main()
