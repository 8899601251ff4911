"""Kills the engine under load, again and again, and sorts what the clients were told.

Each server gets a few kills: a supervisor that sees its child die every moment waits longer and longer before it starts
the next, as it should, and the whole has to end in time. Every answer must be whole or a clear error, and the API must
stay up. Only engines that were started here are killed. `python -m bench.kill [--kills 50] [--streams 20] [--json]`;
under three minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from . import stand
from .native import request
from .page import Page, quiet
from .process import LOAD_CORES, SERVER_CORES, children
from .stand import Subject

KILLS_PER_SERVER = 5
PATIENCE_S = 60.0
"""A client that waits longer than this has been forgotten."""


class Outcome(NamedTuple):
    """How one request ended; `kind` is "whole", "clear error" or "other", `what` says more."""

    kind: str
    what: str


def config(kills: int) -> str:
    """Return the configuration: the M2 demo, four at once, as many restarts as there are kills."""
    return f"""
[engines.m2]
kind = "embedded"
model = "demo-m2"
parallel = 4
context = 2048
threads = 1
max_restarts_per_minute = {kills + 5}
"""


def judge(status: int, head: bytes, body: bytes) -> Outcome:
    """Sort an answer that came to its end."""
    if status != 200:
        message = _error(body)
        clear = status in {500, 502, 503, 504} and message
        return Outcome("clear error", f"{status} {message}") if clear else Outcome("other", f"{status} {body[:200]!r}")
    if b"text/event-stream" not in head.lower():
        try:
            finished = all(choice["finish_reason"] for choice in json.loads(body)["choices"])
        except (ValueError, KeyError, TypeError):
            finished = False
        return Outcome("whole", "whole") if finished else Outcome("other", f"200 {body[:200]!r}")
    events = [event for event in body.split(b"\n\n") if event.startswith(b"data: ")]
    payloads = [event[6:] for event in events if event != b"data: [DONE]"]
    try:
        frames = [json.loads(payload) for payload in payloads]
    except ValueError:
        return Outcome("other", f"a frame that is no JSON: {payloads[-1][:200]!r}")
    for frame in frames:
        if "error" in frame:
            message = frame["error"].get("message")
            last = frame is frames[-1]
            return Outcome("clear error" if message and last else "other", f"in the stream: {message}")
    finished = any(choice.get("finish_reason") for frame in frames for choice in frame.get("choices", ()))
    if finished and body.endswith(b"data: [DONE]\n\n"):
        return Outcome("whole", "streamed")
    return Outcome("other", f"a stream without end: {body[-200:]!r}")


async def ask(port: int, message: bytes) -> Outcome:
    """Send a request on a connection of its own and read the answer to its end."""
    writer = None
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            if b"transfer-encoding: chunked" not in head.lower():
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                return judge(status, head, await reader.readexactly(length))
            body = b""
            while size := int(await reader.readline(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            return judge(status, head, body)
    except TimeoutError:
        return Outcome("other", f"no end within {PATIENCE_S:g} s")
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        return Outcome("other", f"cut: {type(error).__name__}")
    finally:
        if writer is not None:
            writer.close()


async def client(subject: Subject, number: int, outcomes: list[Outcome], ending: asyncio.Event) -> None:
    """Ask again and again, streamed or whole, until the end; an error gives a short pause, as a real client would."""
    draw = random.Random(number)
    while not ending.is_set():
        body = subject.body(draw.choice([4, 32, 128]), stream=draw.random() < 0.8, temperature=1.0)
        outcome = await ask(subject.port, request(subject.path, body))
        outcomes.append(outcome)
        if outcome.kind != "whole":
            await asyncio.sleep(0.05)


def engine_pid(subject: Subject) -> int | None:
    """Return the process id of the server's engine, None while it has none."""
    for pid in children(subject.process.pid):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"engines/engine_process.py" in command:
            return pid
    return None


async def kill_often(subject: Subject, kills: int, outcomes: list[Outcome], deadline: float) -> tuple[int, int]:
    """Kill the engine up to `kills` times, each after something was answered again; return kills and failed probes."""
    draw = random.Random(kills)
    done = down = 0
    last = None
    while done < kills and time.monotonic() < deadline:
        wholes = sum(outcome.kind == "whole" for outcome in outcomes)
        while time.monotonic() < deadline:
            await asyncio.sleep(0.02)
            pid = engine_pid(subject)
            if pid and pid != last and sum(o.kind == "whole" for o in outcomes) > wholes:
                break
        else:
            break
        await asyncio.sleep(draw.uniform(0, 0.3))
        os.kill(pid, signal.SIGKILL)
        last = pid
        done += 1
        down += not await alive(subject)
    return done, down


async def alive(subject: Subject) -> bool:
    """Whether the API answers at once, engine or not."""
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", subject.port)
            writer.write(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            return answer.startswith(b"HTTP/1.1 200")
    except (OSError, TimeoutError):
        return False


async def session(kills: int, streams: int, seconds: float) -> dict[str, Any]:
    """Run one server under load and kill its engine; return what was seen."""
    outcomes: list[Outcome] = []
    ending = asyncio.Event()
    with stand.maxserve(config(kills), "--without", "m3", cores=SERVER_CORES | LOAD_CORES) as subject:
        clients = [asyncio.create_task(client(subject, number, outcomes, ending)) for number in range(streams)]
        try:
            done, down = await kill_often(subject, kills, outcomes, time.monotonic() + seconds)
            before = sum(outcome.kind == "whole" for outcome in outcomes)
            recovered = False
            for _ in range(600):
                await asyncio.sleep(0.05)
                if recovered := sum(outcome.kind == "whole" for outcome in outcomes) > before:
                    break
        finally:
            ending.set()
            await asyncio.wait(clients, timeout=PATIENCE_S)
            for task in clients:
                task.cancel()
        running = subject.process.running
    kinds = Counter(outcome.kind for outcome in outcomes)
    return {
        "kills": done,
        "whole": kinds["whole"],
        "clear errors": kinds["clear error"],
        "other": kinds["other"],
        "API down": down + (not running),
        "recovered": recovered,
        "errors": dict(Counter(o.what[:120] for o in outcomes if o.kind == "clear error").most_common(8)),
        "others": dict(Counter(o.what[:200] for o in outcomes if o.kind == "other").most_common(8)),
    }


def measure(kills: int, streams: int, seconds: float = 130.0) -> dict[str, Any]:
    """Kill `kills` times over as many servers as that takes, within `seconds`; return everything added up."""
    total: dict[str, Any] = {}
    end = time.monotonic() + seconds
    while (left := kills - total.get("kills", 0)) > 0 and end - time.monotonic() > 5:
        part = min(left, KILLS_PER_SERVER)
        found = asyncio.run(session(part, streams, end - time.monotonic()))
        for name, value in found.items():
            if isinstance(value, dict):
                total[name] = dict(Counter(total.get(name, {})) + Counter(value))
            elif isinstance(value, bool):
                total[name] = total.get(name, True) and value
            else:
                total[name] = total.get(name, 0) + value
        if not found["kills"]:
            break
    return total


def run(kills: int = 50, streams: int = 20) -> dict[str, Any]:
    """Measure and write the section."""
    quiet()
    page = Page("kill", "Killing the engine under load", "python -m bench.kill", keep=kills >= 50)
    found = measure(kills, streams)
    page.rows(
        ["kills", "streams", "whole answers", "clear errors", "anything else", "API down"],
        [
            [
                str(v)
                for v in (found["kills"], streams, *(found[k] for k in ("whole", "clear errors", "other", "API down")))
            ]
        ],
    )
    page.say(*(f"- {count} times: {what}" for what, count in found["errors"].items()))
    page.say(*(f"- **other**, {count} times: {what}" for what, count in found["others"].items()))
    if not found["recovered"]:
        page.say("- **after the last kill nothing was answered any more**")
    if found["kills"] == kills:
        page.measure("kills", found["other"] + found["API down"] + (not found["recovered"]))
    else:
        page.say(f"- the time was up after {found['kills']} of {kills} kills")
    page.save()
    return found


def _error(body: bytes) -> str:
    try:
        message = msgspec.json.decode(body)["error"]["message"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
    return str(message)


def main() -> None:
    """Read the command line and run; exit code 1 where an answer was neither whole nor a clear error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print what was found as JSON, and write no report")
    args = parser.parse_args()
    if args.json:
        found = measure(args.kills, args.streams)
        print(json.dumps(found, indent=2))
    else:
        found = run(args.kills, args.streams)
    wrong = found["other"] or found["API down"] or not found["recovered"] or found["kills"] < args.kills
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
