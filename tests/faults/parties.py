"""Whom a server in a storm talks to: an engine that never says the same twice, and a webhook's receiver."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import defaultdict
from typing import NamedTuple

from .loopback import Request, answer

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
STUMBLE = "stumble"
"""A prompt with this word meets an engine that breaks off in its first run."""

PIECES = 6


class Run:
    """One time that the engine worked on a task: for whom, from when to when (`ended` None: still at it)."""

    def __init__(self, replica: str) -> None:
        self.replica = replica
        self.began = time.monotonic()
        self.ended: float | None = None
        self.whole = False


class Model:
    """An engine elsewhere. What it writes names the run, so that a second run cannot pass for the first."""

    def __init__(self, pace_s: float = 0.01) -> None:
        self.runs: defaultdict[str, list[Run]] = defaultdict(list)
        self._pace_s = pace_s

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Answer `/v1/models` and `/v1/completions`."""
        if request.path.endswith("/models"):
            writer.write(answer(200, b'{"object":"list","data":[{"id":"storm","owned_by":"storm"}]}'))
        elif request.path.endswith("/completions"):
            await self._complete(json.loads(request.body), request.headers.get("authorization", ""), writer)
        else:
            writer.write(answer(404, b"{}"))

    async def _complete(self, body: dict[str, object], replica: str, writer: asyncio.StreamWriter) -> None:
        prompt = str(body["prompt"])
        found = UUID.findall(prompt)
        assert found, prompt
        run = Run(replica)
        runs = self.runs[found[-1]]
        runs.append(run)
        number, results = len(runs), int(str(body.get("n", 1)))
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in range(PIECES):
                await asyncio.sleep(self._pace_s)
                if number == 1 and piece == PIECES - 1 and STUMBLE in prompt:
                    writer.close()
                    return
                for index in range(results):
                    text = "Let me see.\n</think>\n\n" if piece == 0 else f" run {number} result {index} piece {piece}"
                    _event(writer, {"choices": [{"index": index, "text": text, "finish_reason": None}]})
                await writer.drain()
            for index in range(results):
                _event(writer, {"choices": [{"index": index, "text": "", "finish_reason": "stop"}]})
            _event(writer, {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": PIECES * results}})
            writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
            await writer.drain()
            run.whole = True
        finally:
            run.ended = time.monotonic()

    def active(self, replica: str) -> int:
        """Return how many tasks the engine is at for that server."""
        key = f"bearer {replica}"
        return sum(run.ended is None and run.replica == key for runs in self.runs.values() for run in runs)

    def together(self, ids: set[str]) -> int:
        """Return how many of these tasks were in the engine at once, at most."""
        now = time.monotonic()
        edges = sorted(
            edge
            for task in ids
            for run in self.runs[task]
            for edge in ((run.began, 1), (now if run.ended is None else run.ended, -1))
        )
        most = level = 0
        for _, step in edges:
            level += step
            most = max(most, level)
        return most


class Hook(NamedTuple):
    """A request to the webhook as it came; `id` is its `webhook-id`, `task` what stands in its path."""

    id: str
    task: str
    body: bytes


class Receiver:
    """A webhook's receiver that is no better than others: it refuses some requests, and takes some without a word.

    No id is treated so more than twice.
    """

    def __init__(self, draw: random.Random) -> None:
        self.webhook_bodies: list[Hook] = []
        self._draw = draw
        self._wrongs: defaultdict[str, int] = defaultdict(int)

    async def handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Take a request down and answer it, or not."""
        hook = Hook(request.headers.get("webhook-id", ""), request.path.rpartition("/")[2], request.body)
        self.webhook_bodies.append(hook)
        fate = self._draw.random()
        if fate < 0.7 or self._wrongs[hook.id] == 2:
            writer.write(answer(204 if fate < 0.3 else 200))
            return
        self._wrongs[hook.id] += 1
        if fate < 0.85:
            writer.write(answer(503))
        else:
            writer.close()


def _event(writer: asyncio.StreamWriter, value: dict[str, object]) -> None:
    text = f"data: {json.dumps(value)}\n\n".encode()
    writer.write(b"%x\r\n%b\r\n" % (len(text), text))
