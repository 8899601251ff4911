"""What Runware's clients get after their connection or the server has gone: sessions, restarts, two servers."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from maxserve.chat import EngineCrashed, InvalidRequest
from tests.server.test_runware import INLINE, KEYS, YES
from tests.server.test_runware_socket import PING, PONG, authenticate, connected, hear, opened, say
from tests.service.replay import Gate
from tests.support.databases import created
from tests.support.runware import Server, answered, ask, codes, poll, task
from tests.support.scripted import Scripted, scripted
from tests.support.serving import Served, serving


@pytest.fixture(scope="module")
def served() -> Iterator[Scripted]:
    with scripted(environ={"MAXSERVE_AUTH_KEYS": ",".join(KEYS)}) as running:
        yield running


def drop(wire: ClientConnection) -> None:
    """End a connection as a broken line does: nobody says goodbye."""
    wire.socket.shutdown(socket.SHUT_RDWR)


def missed(server: Server, session: str, key: str = KEYS[0]) -> list[Any]:
    """Come back to a session and return what came before the answer to a ping, which is asked for last."""
    with opened(server) as wire:
        assert authenticate(wire, key, session) == session
        # What was missed is sent after one reading of the database; polls one after another take several.
        frames: list[Any] = []
        for _ in range(5):
            say(wire, poll(task()))
            while (frame := hear(wire)).get("errors", [{}])[0].get("code") != "taskNotFound":
                frames.append(frame)
        say(wire, PING)
        while (frame := hear(wire)) != PONG:
            frames.append(frame)
    return frames


def test_a_result_that_was_made_while_the_client_was_away(served: Scripted) -> None:
    gate = Gate()
    served.say(YES, gate=gate)
    asked = task()
    with opened(served) as wire:
        session = authenticate(wire)
        say(wire, asked)
        assert gate.reached.wait(30)
        drop(wire)
    gate.open()
    assert answered(served, asked, {"Authorization": f"Bearer {KEYS[0]}"})["data"]
    assert missed(served, session, KEYS[1]) == []
    (frame,) = missed(served, session)
    assert (frame["data"][0]["taskUUID"], frame["data"][0]["text"]) == (asked["taskUUID"], INLINE)
    assert "status" not in frame["data"][0]
    assert missed(served, session) == [], "the ping after it confirmed it"


def test_a_result_that_is_still_being_made(served: Scripted) -> None:
    gate = Gate()
    served.say(YES, gate=gate)
    with opened(served) as wire:
        session = authenticate(wire)
        say(wire, task())
        assert gate.reached.wait(30)
        drop(wire)
    with opened(served) as wire:
        authenticate(wire, session=session)
        say(wire, PING)
        assert hear(wire) == PONG
        gate.open()
        assert hear(wire)["data"][0]["text"] == INLINE


def test_a_result_that_went_into_a_broken_line_comes_again(served: Scripted) -> None:
    served.say(YES)
    with opened(served) as wire:
        session = authenticate(wire)
        say(wire, task())
        first = hear(wire)
        drop(wire)
    assert missed(served, session) == [first]


@pytest.mark.parametrize("goodbye", ["ping", "close"])
def test_a_result_that_arrived_does_not_come_again(served: Scripted, goodbye: str) -> None:
    served.say(YES)
    with opened(served) as wire:
        session = authenticate(wire)
        say(wire, task())
        hear(wire)
        if goodbye == "ping":
            say(wire, PING)
            hear(wire)
            drop(wire)
    assert missed(served, session) == []


def test_a_failure_is_told_to_those_sdks_only_that_still_wait(served: Scripted) -> None:
    for agent, told in ((None, 1), ("runware-typescript/1.6.8 (node/22)", 1), ("x runware-python/1.8.0", 0)):
        served.say("Hm", error=EngineCrashed("The engine ended."))
        with opened(served) as wire:
            session = authenticate(wire)
            say(wire, task())
            assert codes(hear(wire)) == ["inferenceError"]
            drop(wire)
        more = {} if agent is None else {"user_agent_header": agent}
        with opened(served, **more) as wire:
            authenticate(wire, session=session)
            for _ in range(5):
                say(wire, poll(task()))
            found = [hear(wire) for _ in range(5 + told)]
            assert sum(codes(frame) == ["inferenceError"] for frame in found) == told
            say(wire, PING)
            assert hear(wire) == PONG


def test_after_some_time_results_wait_no_longer_for_their_session() -> None:
    with scripted(environ={"MAXSERVE_RUNWARE_RESUME_S": "0.05"}) as served:
        served.say(YES)
        asked = task()
        with opened(served) as wire:
            session = authenticate(wire)
            say(wire, asked)
            hear(wire)
            drop(wire)
        while missed(served, session):
            pass
        assert answered(served, asked)["data"][0]["text"] == INLINE


def test_a_session_hears_at_once_how_its_asynchronous_tasks_stand(served: Scripted) -> None:
    """An SDK that polled when the connection broke asks no second time (`@runware/sdk`)."""
    bearer = {"Authorization": f"Bearer {KEYS[0]}"}
    gate = Gate()
    served.say(YES, gate=gate)
    served.say(YES)
    served.say("Hm", error=InvalidRequest("The engine will not."))
    running, done, failed = (task(deliveryMethod="async") for _ in range(3))
    with opened(served) as wire:
        session = authenticate(wire)
        for asked in (running, done, failed):
            say(wire, asked)
            hear(wire)
            if asked is running:
                assert gate.reached.wait(30)
            else:
                answered(served, asked, bearer)
        drop(wire)
    assert codes(answered(served, failed, bearer)) == ["invalidParameter"]
    standing = {frame["data"][0]["taskUUID"]: frame["data"][0]["status"] for frame in missed(served, session)}
    assert standing[done["taskUUID"]] == "success"
    assert standing[running["taskUUID"]] == standing[failed["taskUUID"]] == "processing", "whoever waits will ask"
    gate.open()
    assert answered(served, running, bearer)["data"]
    with opened(served) as wire:
        authenticate(wire, session=session)
        for asked in (running, failed):
            say(wire, poll(asked))
        assert sum("errors" in hear(wire) for _ in range(4)) == 1, "two that stand so, and two polls"
        say(wire, PING)
        while hear(wire) != PONG:
            pass
    assert missed(served, session) == [], "they have been told by the polls"


def running(stack: ExitStack, folder: Path, **env: str) -> Served:
    more = {f"MAXSERVE_{name}": value for name, value in env.items()}
    return stack.enter_context(serving(env={"MAXSERVE_DATA_DIR": str(folder), **more}))


HURRY = {"TASKS_LEASE_S": "1", "TASKS_POLL_S": "0.1"}
LONG = {"settings": {"maxTokens": 60}}


def test_what_was_accepted_outlives_the_server(tmp_path: Path) -> None:
    """Killed between the acknowledgement and the poll; the next process does what is left, and does it by itself."""
    tasks = [task(f"Say the number {i}.", deliveryMethod="async", numberResults=2, seed=i, **LONG) for i in range(6)]
    waiting = task(**LONG)
    with ExitStack() as stack:
        served = running(stack, tmp_path, TASKS_CONCURRENCY="1", **HURRY)
        wire = stack.enter_context(opened(served))
        session = authenticate(wire)
        status, body, _ = ask(served, tasks)
        assert (status, [item["taskUUID"] for item in body["data"]]) == (200, [each["taskUUID"] for each in tasks])
        say(wire, waiting)
        while "errors" in ask(served, [poll(waiting)])[1]:
            pass
        served.process.kill()
        served.process.wait()
        again = running(stack, tmp_path, **HURRY)
        for each in tasks:
            body = answered(again, each)
            assert [(item["status"], item["seed"] - each["seed"]) for item in body["data"]] == [
                ("success", 0),
                ("success", 1),
            ]
        answered(again, waiting)
        (frame,) = missed(again, session)
        assert frame["data"][0]["taskUUID"] == waiting["taskUUID"]
        status, body, _ = ask(again, [tasks[0]])
        assert (status, codes(body)) == (400, ["conflictTaskUUID"])


def test_a_stopping_server_gives_its_queue_back(tmp_path: Path) -> None:
    tasks = [task(f"Say the number {i}.", deliveryMethod="async", **LONG) for i in range(8)]
    with ExitStack() as stack:
        served = running(stack, tmp_path, TASKS_CONCURRENCY="1", SERVER_DRAIN_S="0")
        assert ask(served, tasks)[0] == 200
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(30) == 0
        again = running(stack, tmp_path)
        assert all(answered(again, each)["data"][0]["status"] == "success" for each in tasks)


def test_tasks_of_a_key_that_was_taken_away_are_not_done(tmp_path: Path) -> None:
    with ExitStack() as stack:
        served = running(stack, tmp_path, TASKS_CONCURRENCY="1", AUTH_KEYS=",".join(KEYS), **HURRY)
        alice, bobby = ({"Authorization": f"Bearer {key}"} for key in KEYS)
        tasks = [task(f"Say the number {i}.", deliveryMethod="async", **LONG) for i in range(12)]
        assert ask(served, tasks, headers=alice)[0] == 200
        last = task(deliveryMethod="async", **LONG)
        assert ask(served, [last], headers=bobby)[0] == 200
        served.process.kill()
        served.process.wait()
        again = running(stack, tmp_path, TASKS_CONCURRENCY="1", AUTH_KEYS=KEYS[1], **HURRY)
        assert answered(again, last, bobby)["data"][0]["status"] == "success"
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(30) == 0
        third = running(stack, tmp_path, AUTH_KEYS=",".join(KEYS), **HURRY)
        assert codes(answered(third, tasks[-1], alice)) == ["forbidden"]


def test_two_servers_on_one_database(postgres_server: str, tmp_path: Path) -> None:
    with created(postgres_server) as url, ExitStack() as stack:
        one, other = (running(stack, tmp_path / name, STORE_URL=url, AUTH_KEYS=KEYS[0], **HURRY) for name in ("a", "b"))
        headers = {"Authorization": f"Bearer {KEYS[0]}"}
        later, direct = task(deliveryMethod="async", **LONG), task(**LONG)
        assert ask(one, [later], headers=headers)[0] == 200
        assert answered(other, later, headers)["data"][0]["status"] == "success"
        with opened(one) as wire:
            session = authenticate(wire)
            say(wire, direct)
            while "errors" in ask(other, [poll(direct)], headers=headers)[1]:
                pass
            drop(wire)
        with connected(other, session=session) as wire:
            assert hear(wire)["data"][0]["taskUUID"] == direct["taskUUID"]
        status, body, _ = ask(other, [direct], headers=headers)
        assert (status, codes(body)) == (400, ["conflictTaskUUID"])
