"""Ctrl-C in a terminal: once lets running answers finish, twice ends them."""

from __future__ import annotations

import signal

from tests.support.serving import serving

from .test_http import LONG, open_request


def test_a_second_interrupt_ends_what_runs() -> None:
    with serving() as served:
        connection, response = open_request(served, "POST", "/v1/chat/completions", LONG)
        response.readline()
        served.process.send_signal(signal.SIGINT)
        while "Ctrl-C again" not in served.log():
            response.readline()
        served.process.send_signal(signal.SIGINT)
        tail = response.read()
        assert tail.endswith(b"data: [DONE]\n\n")
        assert b'"error"' in tail
        connection.close()
        assert served.process.wait(30) == 0
