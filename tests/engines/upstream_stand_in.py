"""Servers that answer as vLLM, SGLang and hosted services do, by script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

Body = dict[str, Any]


class Upstream:
    """`routes` maps paths to answers: (status, JSON), a list of events, or a function of the request's body."""

    def __init__(self) -> None:
        self.routes: dict[str, Any] = {}
        self.asked: list[tuple[str, Body]] = []
        self.hung_up = asyncio.Event()
        self.heads: list[str] = []
        self.url = ""

    @property
    def last(self) -> Body:
        """The body of the last completion that was asked for."""
        return next(body for path, body in reversed(self.asked) if path.endswith("/completions"))

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                path = head.split(" ")[1]
                size = next((int(line[16:]) for line in head.split("\r\n") if line.startswith("content-length: ")), 0)
                body = json.loads(await reader.readexactly(size)) if size else {}
                self.asked.append((path, body))
                answer = self.routes.get(path, (404, {"detail": "Not Found"}))
                if callable(answer):
                    answer = answer(body)
                await self._write(writer, answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter, answer: Any) -> None:
        if isinstance(answer, tuple):
            data = json.dumps(answer[1]).encode()
            headers = "".join(f"{name}: {value}\r\n" for name, value in (answer[2] if len(answer) > 2 else {}).items())
            writer.write(f"HTTP/1.1 {answer[0]} X\r\nContent-Length: {len(data)}\r\n{headers}\r\n".encode() + data)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for event in answer:
                if event is None:  # cut off here
                    writer.close()
                    raise ConnectionError
                text = f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()
                writer.write(b"%x\r\n%s\r\n" % (len(text), text))
                await writer.drain()
            if answer[-1] == "[DONE]":
                writer.write(b"0\r\n\r\n")
        await writer.drain()


@asynccontextmanager
async def stand_in() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    server = await asyncio.start_server(upstream.handle, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield upstream
    finally:
        server.close()


def choice(index: int = 0, text: str = "", **fields: Any) -> Body:
    return {"index": index, "text": text, "finish_reason": None, **fields}


def chunk(*choices: Body, **fields: Any) -> Body:
    return {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": list(choices), **fields}


def usage(prompt: int, completion: int, cached: int | None = None) -> Body:
    details = None if cached is None else {"cached_tokens": cached}
    return {
        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
        "prompt_tokens_details": details,
    }  # fmt: skip


def vllm(upstream: Upstream, version: str = "0.32.0", context: int = 4096) -> None:
    card = {"id": "m", "object": "model", "owned_by": "vllm", "root": "/w/m", "max_model_len": context}
    upstream.routes["/v1/models"] = (200, {"object": "list", "data": [card]})
    upstream.routes["/version"] = (200, {"version": version})
    upstream.routes["/tokenize"] = tokenizer


def sglang(upstream: Upstream) -> None:
    card = {"id": "m", "object": "model", "owned_by": "sglang", "root": "m", "max_model_len": 4096}
    upstream.routes["/v1/models"] = (200, {"object": "list", "data": [card]})
    upstream.routes["/get_server_info"] = (200, {"model_path": "/w/m", "version": "0.6.1"})
    upstream.routes["/tokenize"] = tokenizer


tokenizer: Callable[[Body], tuple[int, Body]] = lambda body: (  # noqa: E731
    200,
    {"count": len(body["prompt"].split()), "max_model_len": 4096, "tokens": [1] * len(body["prompt"].split())},
)
