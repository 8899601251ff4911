"""Runware's tasks over WebSocket, by the rules of docs/wire/runware.md §2, §6.4 and §11, through the real app."""

from __future__ import annotations

import json
import signal
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from maxserve.chat import EngineCrashed
from maxserve.server.runware import connection
from tests.server.test_runware import INLINE, KEYS, YES
from tests.service.replay import Gate
from tests.support.runware import Server, ask, codes, poll, task
from tests.support.scripted import Scripted, scripted
from tests.support.serving import serving

PING = {"taskType": "ping", "ping": True}
PONG = {"data": [{"taskType": "ping", "pong": True}]}


@pytest.fixture(scope="module")
def served() -> Iterator[Scripted]:
    with scripted(environ={"MAXSERVE_AUTH_KEYS": ",".join(KEYS), "MAXSERVE_TASKS_MAX_ATTEMPTS": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def open_server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def say(wire: ClientConnection, *tasks: object) -> None:
    wire.send(json.dumps(tasks))


def hear(wire: ClientConnection) -> Any:
    return json.loads(wire.recv(timeout=30))


def opened(server: Server, path: str = "/v1", **more: Any) -> ClientConnection:
    return connect("ws" + server.url.removeprefix("http") + path, compression=None, ping_interval=None, **more)


def authenticate(wire: ClientConnection, key: str = KEYS[0], session: str | None = None) -> str:
    more = {} if session is None else {"connectionSessionUUID": session}
    say(wire, {"taskType": "authentication", "apiKey": key, **more})
    (item,) = hear(wire)["data"]
    assert item["taskType"] == "authentication"
    return str(item["connectionSessionUUID"])


@contextmanager
def connected(
    server: Server, key: str = KEYS[0], path: str = "/v1", session: str | None = None
) -> Iterator[ClientConnection]:
    with opened(server, path) as wire:
        authenticate(wire, key, session)
        yield wire


def closed(wire: ClientConnection) -> int | None:
    """Read to the end and return the close code."""
    try:
        while True:
            wire.recv(timeout=30)
    except ConnectionClosed:
        return wire.close_code


@pytest.mark.parametrize("path", ["/v1", "/", "/runware", "/runware/v1", "/v1?sdk=js&version=1.3.2&dryRun=0"])
def test_a_session_has_a_uuid_of_its_own(served: Scripted, path: str) -> None:
    with opened(served, path) as wire:
        session = authenticate(wire)
        assert uuid.UUID(session).version == 4
    with opened(served, path) as wire:
        assert authenticate(wire, session=session) == session
    with opened(served, path) as wire:
        assert authenticate(wire, session="not a session") not in (session, "not a session")


def test_a_pong_travels_alone(served: Scripted) -> None:
    served.say(YES)
    with connected(served) as wire:
        say(wire, PING, task(), PING)
        frames = [hear(wire) for _ in range(3)]
        assert frames[:2] == [PONG, PONG]
        assert frames[2]["data"][0]["text"] == INLINE


def test_tasks_before_the_key_are_refused_by_name(served: Scripted) -> None:
    with opened(served) as wire:
        early = task()
        say(wire, early, poll(early))
        for _ in range(2):
            frame = hear(wire)
            assert list(frame) == ["errors"]
            assert (codes(frame), frame["errors"][0]["taskUUID"]) == (["missingApiKey"], early["taskUUID"])
        authenticate(wire)
        served.say(YES)
        say(wire, early)
        assert hear(wire)["data"][0]["text"] == INLINE


def test_tasks_behind_the_key_in_its_frame(served: Scripted) -> None:
    served.say(YES)
    with opened(served) as wire:
        say(wire, {"taskType": "authentication", "apiKey": KEYS[0]}, task())
        assert hear(wire)["data"][0]["taskType"] == "authentication"
        assert hear(wire)["data"][0]["text"] == INLINE


def test_a_wrong_key_is_told_under_both_keys_and_ends_it(served: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LINGER_S", 0.3)
    with opened(served) as wire:
        say(wire, {"taskType": "authentication", "apiKey": "rw-wrong-key-123"}, early := task())
        frame = hear(wire)
        (error,) = frame["errors"]
        assert (error["code"], error["parameter"], error["taskType"]) == ("invalidApiKey", "apiKey", "authentication")
        assert "taskUUID" not in error
        assert frame["error"]["code"] == "invalidApiKey"
        assert "rw-wrong-key-123" not in json.dumps(frame)
        frame = hear(wire)
        assert (codes(frame), frame["errors"][0]["taskUUID"]) == (["missingApiKey"], early["taskUUID"])
        assert closed(wire) == 1000


def test_a_right_key_after_a_wrong_one(served: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LINGER_S", 0.2)
    with opened(served) as wire:
        say(wire, {"taskType": "authentication", "apiKey": "rw-wrong-key-123"})
        assert codes(hear(wire)) == ["invalidApiKey"]
        authenticate(wire)
        with pytest.raises(TimeoutError):
            wire.recv(timeout=0.4)
        say(wire, PING)
        assert hear(wire) == PONG


def test_a_connection_belongs_to_one_key(served: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LINGER_S", 0.1)
    with connected(served) as wire:
        say(wire, {"taskType": "authentication", "apiKey": KEYS[1]})
        assert codes(hear(wire)) == ["invalidApiKey"]
        assert closed(wire) == 1000


def test_who_says_nothing_of_a_key_is_sent_away(served: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "AUTHENTICATE_S", 0.2)
    with opened(served) as wire:
        say(wire, PING)
        assert hear(wire) == PONG
        frame = hear(wire)
        assert (codes(frame), frame["error"]["code"]) == (["missingApiKey"], "missingApiKey")
        assert closed(wire) == 1008


def test_an_open_server_takes_any_key_or_none(open_server: Scripted) -> None:
    with opened(open_server) as wire:
        open_server.say(YES)
        say(wire, task())
        assert hear(wire)["data"][0]["text"] == INLINE
        assert authenticate(wire, "whatever")


def test_a_silent_connection_is_closed_and_pings_keep_it() -> None:
    with scripted(environ={"MAXSERVE_RUNWARE_IDLE_S": "0.4"}) as served, opened(served) as wire:
        began = time.monotonic()
        while time.monotonic() < began + 0.8:
            say(wire, PING)
            assert hear(wire) == PONG
            time.sleep(0.05)
        assert closed(wire) == 1000


def test_each_task_has_its_own_frames(served: Scripted) -> None:
    served.say("a\n</think>\n\nTeal.", "b\n</think>\n\nAmber.")
    two, bad = task(numberResults=2), task(settings={"maxTokens": 0})
    later = task(deliveryMethod="async")
    with connected(served) as wire:
        say(wire, two)
        frame = hear(wire)
        assert list(frame) == ["data"]
        assert [item["resultIndex"] for item in frame["data"]] == [0, 1]
        served.say(YES)
        say(wire, bad, later, poll(two))
        frames = [hear(wire) for _ in range(3)]
    assert all(len(frame) == 1 for frame in frames)
    (wrong,) = [frame["errors"] for frame in frames if "errors" in frame]
    assert [(error["code"], error["taskUUID"]) for error in wrong] == [("invalidParameter", bad["taskUUID"])]
    told = sorted((len(frame["data"]), frame["data"][0]["taskUUID"]) for frame in frames if "data" in frame)
    assert told == [(1, later["taskUUID"]), (2, two["taskUUID"])]


@pytest.mark.parametrize("sent", ["nonsense", "{}", "[]", "[1]", '["x"]', "\x00", "[" * 5000])
def test_a_frame_that_makes_no_sense_ends_nothing(served: Scripted, sent: str) -> None:
    with connected(served) as wire:
        wire.send(sent)
        frame = hear(wire)
        assert list(frame) == ["errors"]
        assert frame["errors"]
        wire.send(json.dumps([PING]).encode())  # as bytes
        assert hear(wire) == PONG


def test_a_stream_is_one_complete_result(served: Scripted) -> None:
    served.say(YES)
    with connected(served) as wire:
        say(wire, task(deliveryMethod="stream", includeUsage=True))
        (item,) = hear(wire)["data"]
    assert (item["text"], item["finishReason"], item["usage"]["totalTokens"]) == (INLINE, "stop", 14)


def test_a_result_is_pushed_to_who_has_polled_for_it(served: Scripted) -> None:
    """The first Python SDK waits half a minute for that (docs/wire/runware.md §5.3)."""
    gate = Gate()
    served.say(YES, gate=gate)
    asked = task(deliveryMethod="async")
    with connected(served) as wire, connected(served) as beside:
        say(wire, asked)
        assert hear(wire) == {"data": [{"taskType": "textInference", "taskUUID": asked["taskUUID"]}]}
        assert gate.reached.wait(30)
        for _ in range(2):
            say(wire, poll(asked))
            assert hear(wire)["data"][0]["status"] == "processing"
        gate.open()
        pushed = hear(wire)
        assert pushed["data"][0]["status"] == "success"
        say(wire, poll(asked), PING)
        frames = [hear(wire), hear(wire)]
        assert PONG in frames
        assert pushed in frames
        say(beside, PING)
        assert hear(beside) == PONG


def test_a_failure_is_told_to_polls_only(served: Scripted) -> None:
    gate = Gate()
    served.say("Hm", gate=gate, error=EngineCrashed("The engine ended."))
    asked = task(deliveryMethod="async")
    with connected(served) as wire:
        say(wire, asked)
        hear(wire)
        assert gate.reached.wait(30)
        say(wire, poll(asked))
        assert hear(wire)["data"][0]["status"] == "processing"
        gate.open()
        while (frame := _again(wire, asked)).get("data"):
            assert frame["data"][0]["status"] == "processing"
        (error,) = frame["errors"]
        assert (error["code"], error["status"], error["taskUUID"]) == ("inferenceError", "error", asked["taskUUID"])
        say(wire, PING)
        assert hear(wire) == PONG


def _again(wire: ClientConnection, asked: dict[str, Any]) -> Any:
    say(wire, poll(asked))
    return hear(wire)


def test_an_engine_that_fails_a_sync_task(served: Scripted) -> None:
    served.say("Hm", error=EngineCrashed("The engine ended."))
    asked = task()
    with connected(served) as wire:
        say(wire, asked)
        frame = hear(wire)
        assert list(frame) == ["errors"]
        assert (codes(frame), frame["errors"][0]["taskUUID"]) == (["inferenceError"], asked["taskUUID"])
        served.say(YES)
        say(wire, asked)
        assert hear(wire)["data"][0]["text"] == INLINE
        say(wire, asked)
        assert codes(hear(wire)) == ["conflictTaskUUID"]


def test_a_dry_run_by_the_address() -> None:
    with scripted() as served, connected(served, path="/v1?sdk=js&dryRun=1") as wire:
        for delivery in ("sync", "async", "stream"):
            say(wire, task(deliveryMethod=delivery, settings={"maxTokens": 5}))
            (item,) = hear(wire)["data"]
            assert (item["dryRun"], item["usage"]["totalTokens"]) == (True, 82)
        assert not served.completions


def test_more_tasks_than_may_be_at_work_wait_and_pings_do_not() -> None:
    env = {"MAXSERVE_RUNWARE_MAX_OPEN": "1", "MAXSERVE_RUNWARE_MAX_TASKS": "2"}
    with scripted(environ=env) as served, connected(served) as wire:
        gate = Gate()
        served.say("a\n</think>\n\nFirst.", gate=gate)
        for words in ("Second.", "Third.", "Fourth."):
            served.say(f"a\n</think>\n\n{words}")
        say(wire, task())
        assert gate.reached.wait(30)
        say(wire, task(), PING)
        assert hear(wire) == PONG
        assert len(served.completions) == 1
        say(wire, task())  # from here on the server reads no further
        say(wire, task(), PING)
        with pytest.raises(TimeoutError):
            wire.recv(timeout=0.3)
        gate.open()
        frames = [hear(wire) for _ in range(5)]
        frames.remove(PONG)
        texts = [frame["data"][0]["text"].rpartition("\n")[2] for frame in frames]
        assert texts == ["First.", "Second.", "Third.", "Fourth."]


def test_a_client_that_does_not_read_gets_everything_later(open_server: Scripted) -> None:
    open_server.say("Hm.\n</think>\n\n" + "word " * 40_000, piece=10_000)
    asked = task()
    ask(open_server, [asked])
    count = 60
    with connected(open_server) as wire:
        frames: Sequence[Any]
        for _ in range(count):
            say(wire, poll(asked))
        frames = [hear(wire) for _ in range(count)]
    assert all(len(frame["data"][0]["text"]) > 200_000 for frame in frames)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("http://127.0.0.1", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://localhost.evil.example", False),
    ],
)
def test_pages_of_strangers_cannot_use_an_open_server(open_server: Scripted, origin: str, allowed: bool) -> None:
    if allowed:
        with opened(open_server, origin=origin) as wire:
            assert authenticate(wire)
    else:
        with pytest.raises(InvalidStatus, match="403"):
            opened(open_server, origin=origin)


def test_where_keys_are_asked_for_pages_may_come_from_anywhere(served: Scripted) -> None:
    with opened(served, origin="https://app.example") as wire:
        assert authenticate(wire)


def test_other_paths_take_no_socket(served: Scripted) -> None:
    with pytest.raises(InvalidStatus, match="405"):
        opened(served, "/v1/chat/completions")


def test_a_stopping_server_closes_what_is_idle_at_once_and_answers_first_what_is_not() -> None:
    with serving() as served:
        idle = [opened(served) for _ in range(100)]
        for wire in idle:
            authenticate(wire)
        with connected(served) as busy:
            say(busy, asked := task(settings={"maxTokens": 120}))
            while "errors" in ask(served, [poll(asked)])[1]:
                pass  # it has not been accepted yet
            began = time.monotonic()
            served.process.send_signal(signal.SIGINT)
            assert all(closed(wire) == 1012 for wire in idle)
            assert hear(busy)["data"][0]["finishReason"]
            assert closed(busy) == 1012
        assert served.process.wait(30) == 0
        assert time.monotonic() - began < 15


def test_a_stopping_server_does_not_wait_for_silent_sockets() -> None:
    with serving() as served:
        idle = [opened(served) for _ in range(100)]
        for wire in idle:
            authenticate(wire)
        began = time.monotonic()
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(30) == 0
        assert time.monotonic() - began < 3
        assert "stopping once" not in served.log()
        for wire in idle:
            assert closed(wire) == 1012


def test_a_client_that_vanishes_leaves_nothing_behind(served: Scripted) -> None:
    gate = Gate()
    served.say(YES, gate=gate)
    with connected(served) as wire:
        say(wire, asked := task())
        assert gate.reached.wait(30)
        wire.socket.shutdown(socket.SHUT_RDWR)
    gate.open()
    with connected(served) as wire:
        while _again(wire, asked)["data"][0]["status"] == "processing":
            pass
