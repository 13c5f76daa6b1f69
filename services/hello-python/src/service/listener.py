"""Lets a listener be closed without a reset for those whom the kernel has accepted.

Closing it resets every connection that waits to be taken, and there is always a moment between the
last look and the close. So new connections are held off first: their SYN is dropped, they try
again a second later, and are refused then.
"""

import socket
import struct
import sys
import time
from contextlib import suppress

HANDSHAKE = 0.1  # seconds for connections that have begun

SO_ATTACH_FILTER = 26  # <asm-generic/socket.h>
# Classic BPF, which runs on a TCP segment from its header on: code, jumps, operand.
DROP_SYN = b"".join(
    struct.pack("=HBBI", *instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the byte of flags
        (0x54, 0, 0, 0x12),  # of which SYN and ACK
        (0x15, 0, 1, 0x02),  # if it is SYN alone
        (0x06, 0, 0, 0),  # drop
        (0x06, 0, 0, 0xFFFFFFFF),  # otherwise keep
    )
)


def hold_off(*listeners: socket.socket) -> None:
    """Lets no new connection begin where the system can, and waits for those that have."""
    if sys.platform == "linux":
        import ctypes  # only when the service ends

        program = ctypes.create_string_buffer(DROP_SYN)
        pointer = struct.pack("@HP", len(DROP_SYN) // 8, ctypes.addressof(program))
        for listener in listeners:
            with suppress(OSError):
                listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, pointer)
    time.sleep(HANDSHAKE)
