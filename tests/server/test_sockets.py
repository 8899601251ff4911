"""What a connection leaves behind when it ends."""

from __future__ import annotations

import gc
import socket
import time

import pytest
from websockets.sync.client import connect

from maxserve.server.http_protocol import HttpProtocol
from maxserve.server.websocket_protocol import WebSocketProtocol
from tests.support.scripted import scripted


@pytest.mark.parametrize("orderly", [True, False])
def test_ended_connections_leave_nothing_to_the_collector(orderly: bool) -> None:
    def left() -> int:
        # Not isinstance: it asks objects of other packages for their class, and some of those complain.
        return sum(issubclass(type(one), (HttpProtocol, WebSocketProtocol)) for one in gc.get_objects())

    with scripted() as served:
        gc.collect()
        gc.disable()
        try:
            for _ in range(5):
                wire = connect("ws" + served.url.removeprefix("http") + "/v1", compression=None, ping_interval=None)
                wire.send('[{"taskType":"ping","ping":true}]')
                assert "pong" in wire.recv(timeout=30)
                assert left() == 1
                if orderly:
                    wire.close()
                else:
                    wire.socket.shutdown(socket.SHUT_RDWR)
                end = time.monotonic() + 30
                while left() and time.monotonic() < end:
                    time.sleep(0.01)
                assert left() == 0
        finally:
            gc.enable()
