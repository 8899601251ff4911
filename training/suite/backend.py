"""Who answers the questions: a GGUF file in a child process, or a server (see `api`)."""

import contextlib
import http.client
import json
import multiprocessing
import os
import time
import urllib.parse
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

from training.generator import Example
from training.suite import prompt

LONGEST, LONG = 350, 520
"""The most tokens of one answer; a count to a hundred and a story may take more."""


GREEDY = {"temperature": 0, "top_k": 1}
SAMPLED = {"temperature": 1.0, "top_k": 40, "top_p": 0.95, "min_p": 0.0, "samplers": ["temperature", "top_k", "top_p"]}
"""MiniMax's recommended values, the catalogue's defaults."""


def most(example: Example) -> int:
    """Return how many tokens an answer may take."""
    return LONG if example.task in ("counting", "story", "fixed", "parallel") else LONGEST


@dataclass
class Answer:
    """What came back: thought, content, calls (name and typed arguments), whether it ended by itself, prompt tokens."""

    thought: str
    content: str
    calls: list[tuple[str, Any]]
    ended: bool
    tokens: int = 0


class Backend(Protocol):
    """Something that answers an example's prompt."""

    def answer(self, example: Example) -> Answer:
        """Answer; safe to call from several threads."""

    def close(self) -> None:
        """Free what was taken."""


def post(base: str, path: str, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """Send JSON and return the JSON that comes back."""
    parts = urllib.parse.urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=300)
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
    try:
        connection.request("POST", parts.path.rstrip("/") + path, json.dumps(body), headers)
        response = connection.getresponse()
        data = response.read()
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}: {data[:300]!r}")
    found: dict[str, Any] = json.loads(data)
    return found


def _serve(path: str, threads: int, slots: int, context: int, sparse: bool, channel: Connection) -> None:
    """Run llama.cpp's server in this process until the other end of the channel is gone."""
    import xllamacpp

    os.nice(5)
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx, params.n_parallel = context * slots, slots
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.ui = params.endpoint_slots = params.fit_params = params.kv_unified = False
    params.n_gpu_layers, params.verbosity = 0, 0
    # M3's sparse attention needs flash attention; without it the model would silently run dense.
    kinds = xllamacpp.llama_flash_attn_type
    params.flash_attn_type = kinds.LLAMA_FLASH_ATTN_TYPE_ENABLED if sparse else kinds.LLAMA_FLASH_ATTN_TYPE_AUTO
    server = xllamacpp.Server(params)
    channel.send(server.listening_address)
    with contextlib.suppress(EOFError):
        channel.recv()
    os._exit(0)


class Gguf:
    """A checkpoint file, prompted with the family's template and read with a small parser.

    It answers greedily, or with `sampling` as maxserve does without further wishes.
    """

    def __init__(self, path: str, family: str, threads: int = 1, slots: int = 8, context: int = 4096, sampling: bool = False) -> None:
        self.family, self.template = family, prompt.template(family)
        self.sampler = SAMPLED if sampling else GREEDY
        here, there = multiprocessing.get_context("spawn").Pipe()
        self.channel = here
        self.child = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(path, threads, slots, context, family == "m3", there), daemon=True
        )
        self.child.start()
        if not here.poll(60):
            raise RuntimeError("the checkpoint did not load within a minute")
        self.address = str(here.recv())
        self._wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                self._complete("]~b]user\n", 4)
            except (OSError, RuntimeError):
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the checkpoint does not answer")

    def _complete(self, text: str, limit: int, **more: Any) -> dict[str, Any]:
        return post(
            self.address, "/completion",
            {"prompt": text, "n_predict": limit, "cache_prompt": True, "stream": False, **self.sampler, **more},
        )  # fmt: skip

    def answer(self, example: Example) -> Answer:
        """Render, complete and read; structured output is constrained after the thought."""
        mode = example.thinking_mode
        text = self.template.render(
            messages=example.messages[:-1], tools=example.tools, thinking_mode=mode, add_generation_prompt=True
        )
        close = prompt.CLOSE[self.family]
        if "schema" in example.check:
            return self._structured(example, text, close)
        found = self._complete(text, most(example))
        thought, rest = prompt.split(self.family, mode, found["content"])
        content, calls = prompt.calls(self.family, rest, example.tools)
        return Answer(thought, content, calls, found["stop_type"] == "eos", found["tokens_evaluated"])

    def _structured(self, example: Example, text: str, close: str) -> Answer:
        thought = ""
        mode = example.thinking_mode
        if not (self.family == "m3" and mode == "disabled"):
            found = self._complete(text, LONGEST // 2, stop=[close])
            thought = found["content"].rstrip("\n")
            text += thought + ("\n</think>\n\n" if self.family == "m2" else close)
        found = self._complete(text, LONGEST, json_schema=example.check["schema"])
        return Answer(thought.removeprefix("<mm:think>"), found["content"], [], found["stop_type"] == "eos", found["tokens_evaluated"])

    def close(self) -> None:
        """End the child process."""
        self.channel.close()
        self.child.join(5)
        if self.child.is_alive():
            self.child.kill()
