"""python3 -m service.probe [PATH]: exits 0 if this container's service answers PATH with 200.

Only sockets, because it runs every few seconds and http.client costs four times the start.
"""

import os
import socket
import sys


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    port = int(os.environ.get("PORT") or "5000")
    try:
        with socket.create_connection(("localhost", port), timeout=2) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            status = connection.makefile("rb").readline(64)
    except OSError as error:
        sys.exit(f"probe: asking localhost:{port}{path}: {error}")
    if status.split()[1:2] != [b"200"]:
        sys.exit(
            f"probe: localhost:{port}{path} answered {status.decode(errors='replace').strip()!r}"
        )


if __name__ == "__main__":
    main()
