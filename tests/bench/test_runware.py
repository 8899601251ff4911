"""The clients of bench.sockets and bench.tasks against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

pytest.importorskip("bench.process", reason="the programs of bench/ need Linux")

from bench.runware import Connection, Receiver, Refused, Session, inference, poll, task_id
from bench.sockets import Seen, row
from tests.support.serving import Served, serving

TOKENS = 8


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--without", "m3") as running:
        yield running


def port(served: Served) -> int:
    return int(served.url.rpartition(":")[2])


async def test_a_session_pings_and_asks(served: Served) -> None:
    session = await Session.open(port(served))
    await session.ping()
    tasks = [inference(task_id(), "sync", TOKENS) for _ in range(3)]
    items = await asyncio.gather(*(session.ask(task) for task in tasks), session.ping())
    assert [item["taskUUID"] for item in items[:3]] == [task["taskUUID"] for task in tasks]
    assert all(item["text"] for item in items[:3])
    with pytest.raises(Refused, match="conflictTaskUUID"):
        await session.ask(tasks[0])
    session.close()


async def test_an_array_is_polled_until_it_is_done_and_told(served: Served) -> None:
    told: asyncio.Queue[bool] = asyncio.Queue()
    receiver = await asyncio.get_running_loop().create_server(
        lambda: Receiver(lambda: told.put_nowait(True)), "127.0.0.1", 0
    )
    hook = f"http://127.0.0.1:{receiver.sockets[0].getsockname()[1]}/hook"
    connection = await Connection.open(port(served))
    tasks = [inference(task_id(), "async", TOKENS, hook) for _ in range(4)]
    answer = await connection.post(tasks)
    assert [item["taskUUID"] for item in answer["data"]] == [task["taskUUID"] for task in tasks]
    for _ in tasks:
        await told.get()
    answer = await connection.post([poll(task["taskUUID"]) for task in tasks])
    assert [item["status"] for item in answer["data"]] == ["success"] * 4
    connection.close()
    receiver.close()


async def test_who_waits_is_told_of_the_end(served: Served) -> None:
    session = await Session.open(port(served))
    waiting = asyncio.create_task(session.ask(inference(task_id(), "sync", TOKENS)))
    await asyncio.sleep(0)
    session.close()
    with pytest.raises(Refused, match="ended"):
        await waiting
    assert not session.open_


def test_a_line_of_the_table():
    seen = Seen()
    seen.pongs, seen.latencies, seen.seconds, seen.server_cpu = [0.001, 0.003], [0.01, 0.02], 2.0, 1.0
    seen.done.update({"sync": 3, "async": 1})
    assert row("x", seen)[:3] == ["x", "2", "3 + 1"]
    assert row("x", seen)[8] == "3"
    assert row("x", seen)[10] == "50 %"
