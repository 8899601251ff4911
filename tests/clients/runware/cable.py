"""A cable between a client and a server on the loopback that a test can cut."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: whoever closes does so with a TCP reset, as a network that breaks down does, not in good order."""


class Cable:
    """Forwards connections to a server; `cut` breaks those that are open, new ones go through.

    After `swallow` nothing that clients say arrives any more, until the next cut: nobody has noticed yet that the
    connection is broken. `swallowed` is set once something was lost.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._changed = threading.Condition()
        self._swallowing = False
        self.connections = 0
        self.swallowed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where clients connect to."""
        port: int = self._listener.getsockname()[1]
        return port

    def lead_to(self, server: tuple[str, int]) -> None:
        """Take new connections to another server."""
        self._server = server

    def swallow(self) -> None:
        """Lose what clients say from now on."""
        self._swallowing = True

    def cut(self) -> int:
        """Break all connections; return how many there have been so far."""
        with self._changed:
            self._swallowing = False
            for pair in self._pairs:
                for end in pair:
                    _break(end)
            self._pairs.clear()
            return self.connections

    def connected(self, more_than: int, timeout_s: float = 20.0) -> None:
        """Wait until somebody has come (back)."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.connections > more_than, timeout_s), "nobody came back"

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:  # nobody is there
                _break(client)
                continue
            with self._changed:
                self._pairs.append((client, server))
                self.connections += 1
                self._changed.notify_all()
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._forward, args=(source, sink, source is client), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, of_client: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self._swallowing and of_client:
                    self.swallowed.set()
                else:
                    sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        end.shutdown(socket.SHUT_RD)  # wakes the thread that reads from it
    end.close()


@contextmanager
def cable(server: tuple[str, int]) -> Iterator[Cable]:
    """Lay one to a server at (host, port)."""
    made = Cable(server)
    try:
        yield made
    finally:
        made.close()
