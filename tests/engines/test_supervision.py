"""The child process: crashes, restarts, giving up, and never outliving its parent."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from maxserve.chat import EngineCrashed, EngineUnavailable
from maxserve.engines import EmbeddedSettings, TextChunk, supervisor
from maxserve.engines.embedded import EmbeddedEngine
from maxserve.engines.supervisor import Supervisor

from .work import BATCH, CONTEXT, LONG, Outcome, completion, gone, run


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    settings = EmbeddedSettings(model="demo-m2", parallel=2, threads=1, context=CONTEXT, batch=BATCH)
    engine = EmbeddedEngine("doomed", settings, tmp_path)
    await engine.start()
    yield engine
    await engine.close()


def kill(engine: EmbeddedEngine) -> None:
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)


async def test_a_stream_in_flight_gets_a_clear_error_and_the_next_request_an_answer(engine: EmbeddedEngine) -> None:
    async def interrupted() -> None:
        async for pieces in engine.generate(completion(max_tokens=900, constraint=LONG)):
            if any(isinstance(piece, TextChunk) for piece in pieces):
                kill(engine)

    with pytest.raises(EngineCrashed, match=r"'doomed' was ended by SIGKILL while it worked on this request\."):
        await interrupted()
    assert engine.state in ("restarting", "ready")
    assert (await run(engine, completion())).end.completion
    assert engine.state == "ready"


async def test_a_request_without_a_piece_is_run_again(engine: EmbeddedEngine) -> None:
    first = engine.pid
    lists = engine.generate(completion("read me. " * 150, max_tokens=3, constraint=LONG))
    outcome = Outcome()
    for piece in await anext(lists):
        outcome.add(piece)
    assert outcome.pieces == []
    kill(engine)
    async for pieces in lists:
        for piece in pieces:
            outcome.add(piece)
    assert outcome.end.completion == 3
    assert engine.pid != first


async def test_a_request_is_run_again_only_once(engine: EmbeddedEngine) -> None:
    async def killed_twice() -> None:
        async for pieces in engine.generate(completion("read me. " * 150, max_tokens=3, constraint=LONG)):
            assert not any(isinstance(piece, TextChunk) for piece in pieces)
            kill(engine)

    with pytest.raises(EngineCrashed):
        await killed_twice()


async def test_requests_wait_for_a_restart(engine: EmbeddedEngine) -> None:
    kill(engine)
    outcomes = await asyncio.gather(*(run(engine, completion(max_tokens=2, constraint=LONG)) for _ in range(6)))
    assert [outcome.end.completion for outcome in outcomes] == [2] * 6
    kill(engine)
    assert await engine.count("[e~[") == 1


async def test_waiting_for_a_restart_is_bounded(engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maxserve.engines.embedded.RESTART_WAIT_S", 0.0)
    kill(engine)
    crash = engine.generate(completion())
    with pytest.raises((EngineUnavailable, EngineCrashed)):
        await anext(crash)


async def test_more_ends_than_allowed_are_final_and_show_the_log(tmp_path: Path) -> None:
    settings = EmbeddedSettings(
        model="demo-m2", parallel=1, threads=1, context=CONTEXT, batch=BATCH, max_restarts_per_minute=2
    )
    engine = EmbeddedEngine("doomed", settings, tmp_path)
    await engine.start()
    for _ in range(3):
        await engine.count("")
        pid = engine.pid
        kill(engine)
        assert pid is not None
        await gone(pid)
    with pytest.raises(EngineUnavailable, match=r"was ended by SIGKILL, 3 times within a minute, and is not started"):
        await run(engine, completion())
    assert engine.state == "failed"
    await engine.start()  # a person may try again
    assert engine.state == "ready"
    assert (await run(engine, completion())).end.completion
    await engine.close()


async def test_the_library_s_own_abort_is_survived(engine: EmbeddedEngine) -> None:
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGABRT)
    await gone(engine.pid)
    assert (await run(engine, completion())).end.completion


SCRIPTED = """
import json, os, sys
config = json.loads(sys.stdin.readline())
runs = os.path.join(config["folder"], "runs")
with open(runs, "a") as file:
    file.write("x")
count = os.path.getsize(runs)
print(f"run {count}", file=sys.stderr, flush=True)
exec(config["script"])
"""


def scripted(
    folder: Path, script: str, monkeypatch: pytest.MonkeyPatch, *, start_timeout: float = 10.0, max_restarts: int = 5
) -> Supervisor:
    """A supervisor over a child that does what `script` says."""
    child = folder / "engine_process.py"
    child.write_text(SCRIPTED)
    monkeypatch.setattr(supervisor, "CHILD", child)
    config = {"folder": str(folder), "script": script}
    return Supervisor("scripted", config, start_timeout=start_timeout, max_restarts=max_restarts)


READY = 'print(json.dumps({"address": "http://127.0.0.1:9"}), flush=True);'


async def test_restarts_come_slower_and_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float) -> None:
        delays.append(delay)
        await sleep(0)

    running = scripted(tmp_path, f"{READY} os._exit(9)", monkeypatch, max_restarts=9)
    monkeypatch.setattr(supervisor.asyncio, "sleep", noted)

    async def until_given_up() -> None:
        while True:
            place = await running.place(10)
            await running.crashed(place.run)

    await running.start()
    with pytest.raises(EngineUnavailable, match="10 times within a minute"):
        await until_given_up()
    assert delays == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0]
    assert "run 10" in running.log[-1]
    await running.close()


async def test_a_child_that_never_comes_up_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = 'print("no such file", file=sys.stderr); print(json.dumps({"error": "bad weights"})); sys.exit(3)'
    running = scripted(tmp_path, script, monkeypatch)
    with pytest.raises(EngineUnavailable, match=r"could not start: bad weights\nrun 1\nno such file"):
        await running.start()
    assert (running.state, running.pid) == ("failed", None)
    await running.close()


async def test_a_child_that_dies_by_a_signal_while_it_starts_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"if count < 3: os.abort()\n{READY} sys.stdin.read()"
    running = scripted(tmp_path, script, monkeypatch)
    assert (await running.start()).run == 3
    await running.close()


async def test_a_child_that_says_nothing_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = scripted(tmp_path, "sys.stdin.read()", monkeypatch, start_timeout=0.5)
    with pytest.raises(EngineUnavailable, match=r"no answer within 0\.5 s of the start"):
        await running.start()
    await running.close()


async def test_a_child_that_does_not_leave_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "CLOSE_S", 0.2)
    running = scripted(tmp_path, f"{READY} import time\nwhile True: time.sleep(60)", monkeypatch)
    await running.start()
    pid = running.pid
    assert pid is not None
    await running.close()
    await gone(pid)


PARENT = """
import asyncio, sys
from pathlib import Path
from typing import Any
from maxserve.engines import EmbeddedSettings
from maxserve.engines.embedded import EmbeddedEngine

async def main():
    engine = EmbeddedEngine("orphan", EmbeddedSettings(model="demo-m2", parallel=1, threads=1), Path("."))
    await engine.start()
    print(engine.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_child_dies_with_its_parent_even_by_kill_9() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await gone(pid)


async def test_engine_whose_socket_folder_vanished_gets_a_new_one(engine: EmbeddedEngine) -> None:
    folder = engine._supervisor._directory
    assert folder is not None
    shutil.rmtree(folder)
    kill(engine)
    assert await engine.count("[e~[") == 1
    assert engine._supervisor._directory != folder


async def test_a_child_killed_in_the_middle_of_its_first_line_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = "if count == 2: os.write(1, b'half a line'); os.kill(os.getpid(), 9)"
    script = f"{half}\n{READY} sys.stdin.read()"
    running = scripted(tmp_path, script, monkeypatch)
    await running.start()
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    await running.crashed(1)
    assert (await running.place(10)).run == 3
    await running.close()


async def _killed_before_it_reads(running: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    create = asyncio.create_subprocess_exec

    async def killed(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await create(*args, **options)
        process.kill()
        await process.wait()
        return process

    await running.start()
    with monkeypatch.context() as second:
        second.setattr(supervisor.asyncio, "create_subprocess_exec", killed)
        assert running.pid is not None
        os.kill(running.pid, signal.SIGKILL)
        await running.crashed(1)
        with pytest.raises(EngineUnavailable, match="3 times within a minute"):
            await running.place(30)
    assert (await running.start()).run == 4
    await running.close()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_child_killed_before_it_reads_is_an_end_like_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    running = scripted(tmp_path, f"{READY} sys.stdin.read()", monkeypatch, max_restarts=2)
    factory = pytest.importorskip("uvloop").new_event_loop if loop == "uvloop" else asyncio.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_killed_before_it_reads(running, monkeypatch))


async def test_a_restart_for_which_no_process_can_be_made_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = asyncio.create_subprocess_exec
    refusals = iter([OSError(11, "Resource temporarily unavailable"), MemoryError()])

    async def refused(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        for error in refusals:
            raise error
        return await create(*args, **options)

    running = scripted(tmp_path, f"{READY} sys.stdin.read()", monkeypatch)
    await running.start()
    monkeypatch.setattr(supervisor.asyncio, "create_subprocess_exec", refused)
    assert running.pid is not None
    os.kill(running.pid, signal.SIGKILL)
    await running.crashed(1)
    assert (await running.place(10)).run == 4
    assert any("Resource temporarily unavailable" in line for line in running.log)
    await running.close()


async def test_a_first_start_for_which_no_process_can_be_made_fails_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        raise OSError(12, "Cannot allocate memory")

    running = scripted(tmp_path, READY, monkeypatch)
    monkeypatch.setattr(supervisor.asyncio, "create_subprocess_exec", refused)
    with pytest.raises(EngineUnavailable, match=r"could not start: OSError: .*Cannot allocate memory"):
        await running.start()
    assert running.state == "failed"
    await running.close()
