import socket
from contextlib import suppress

import pytest

from service.listener import close


def test_who_enters_after_the_last_look_is_taken() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    address = listener.getsockname()
    late: list[socket.socket] = []
    taken: list[socket.socket] = []

    def take_all() -> None:
        with suppress(BlockingIOError):
            while True:
                taken.append(listener.accept()[0])
        if not late:
            late.append(socket.create_connection(address, timeout=1))

    close(listener, take_all)
    assert len(taken) == 1
    with late[0], taken[0]:
        taken[0].sendall(b"hello")
        assert late[0].recv(5) == b"hello"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=1)
