"""maxserve against its own engine: what the road in front of the real model costs, and what becomes of its time.

The engine alone is the same child program with the same weights and settings, asked for the same prompt with the same
sampling and seed, so both write the same tokens. Engines run on one core; the API process and the load generator share
the other. `python -m bench.engine [--quick]`; under three minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from maxserve.apis.openai_chat import ChatRules, chat_fields, decode_chat
from maxserve.bench.quantile import Spread, median
from maxserve.catalogue import Catalogue
from maxserve.engines import llama
from maxserve.engines.checkpoints import resolve
from maxserve.engines.supervisor import CHILD
from maxserve.service import Service

from . import stand
from .budget import figure
from .hotpath import FakeEngine
from .kill import engine_pid
from .native import Load, request
from .page import Page, quiet
from .process import LOAD_CORES, SERVER_CORES, Process, pin
from .stand import LOG_FOLDER, MODEL, Subject, settle

CONTEXT = 4096
PARALLEL = 16
BATCH = 256
"""Prompt tokens that the engine reads in one step, where the steps are what is measured."""

QUESTIONS = (
    "Tell me about the capitals of Europe, one after the other.",
    "What is 17 + 25? Think about it step by step.",
    "Tell me a long story.",
    "Which capitals do you know? Name as many as you can.",
)


def config(parallel: int, context: int = CONTEXT, batch: int = 2048) -> str:
    """Return the configuration: the M2 demo on one thread."""
    return f"""
[engines.m2]
kind = "embedded"
model = "demo-m2"
parallel = {parallel}
context = {context}
batch = {batch}
threads = 1
"""


class Alone(NamedTuple):
    """The engine without maxserve: its port and its key."""

    port: int
    key: str

    def request(self, body: bytes) -> bytes:
        """Return the request that posts a `/completion` body."""
        return request("/completion", json.loads(body), self.key)


@contextmanager
def alone(parallel: int) -> Iterator[Alone]:
    """Run the engine's child program by itself, with the settings that maxserve gives it."""
    checkpoint = resolve("demo-m2", Path())
    LOG_FOLDER.mkdir(parents=True, exist_ok=True)
    process = Process([sys.executable, "-u", "-P", CHILD], SERVER_CORES, log=LOG_FOLDER / "engine.log")
    settings = {
        "parent": os.getpid(),
        "socket": "",
        "key": "bench",
        "model": str(checkpoint.path),
        "context": CONTEXT,
        "parallel": parallel,
        "threads": 1,
        "batch": 2048,
        "gpu_layers": -1,
        "flash_attention": checkpoint.header.sparse,
        "unified": False,
        "cache_mib": 2048,
        "http_threads": 2 * parallel + 16,
        "verbosity": 2,
    }
    try:
        process.write(json.dumps(settings).encode() + b"\n")
        address = json.loads(process.line())["address"]
        yield Alone(int(address.rpartition(":")[2]), "bench")
    finally:
        process.stop()


@contextmanager
def served(parallel: int, context: int = CONTEXT, batch: int = 2048) -> Iterator[Subject]:
    """Run maxserve with its engine on the engines' core and the API process beside the load generator."""
    with stand.maxserve(config(parallel, context, batch), "--without", "m3", cores=LOAD_CORES) as subject:
        pid = engine_pid(subject)
        assert pid is not None
        pin(pid, SERVER_CORES)
        yield subject


def same_work(chat: dict[str, Any]) -> bytes:
    """Return the engine's own body for what maxserve makes of a chat request."""
    header = resolve("demo-m2", Path()).header
    planner = FakeEngine(1)
    planner.info = msgspec.structs.replace(planner.info, template=header.template)
    request = chat_fields(decode_chat(json.dumps(chat).encode()), ChatRules()).request
    completion = Service(Catalogue.load(), {"m2": planner}).plan(request).completion
    assert completion.sampling.seed is not None
    return llama.write(completion, completion.sampling.seed, 1)


def post(port: int, message: bytes) -> tuple[float, float, bytes]:
    """Send a request; return the seconds to the body's first byte, to its end, and the body as it came."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        start = time.perf_counter()
        connection.sendall(message)
        got = b""
        first = 0.0
        while True:
            data = connection.recv(1 << 18)
            now = time.perf_counter() - start
            got += data
            head, blank, body = got.partition(b"\r\n\r\n")
            if blank and body and not first:
                first = now
            if not data or (blank and _complete(head, body)):
                if not head.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(f"{head[:20]!r}: {body[:500]!r}")
                return first, now, body


def _complete(head: bytes, body: bytes) -> bool:
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return len(body) >= int(length) if length else body.endswith(b"0\r\n\r\n")


def long_answer(engine: Alone, tokens: int) -> tuple[dict[str, Any], int]:
    """Return a chat request whose answer is long, and its length in tokens: the longest of a few tries.

    A demo model ends when it has said what it has to say; what is said in one go is measured best.
    """
    best: tuple[dict[str, Any], int] = ({}, 0)
    for question in QUESTIONS:
        for seed in range(4):
            chat = {
                "model": MODEL,
                "messages": [{"role": "user", "content": question}],
                "max_tokens": tokens,
                "seed": seed,
                "temperature": 1.0,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
            _, _, body = post(engine.port, engine.request(same_work(chat)))
            count = int(body.rpartition(b'"tokens_predicted":')[2].partition(b",")[0])
            if count > best[1]:
                best = (chat, count)
            if count == tokens:
                return best
    return best


def throughput(page: Page, subject: Subject, engine: Alone, tokens: int, waves: int, rounds: int) -> None:
    """Compare tokens per second and the time to the first byte, in turns of a fixed number of answers."""
    chat, length = long_answer(engine, tokens)
    messages = {
        "engine alone": (engine.port, engine.request(same_work(chat))),
        "maxserve": (subject.port, request(subject.path, chat)),
    }
    rows = []
    for streams in (1, PARALLEL):
        rates: dict[str, list[float]] = {name: [] for name in messages}
        firsts: dict[str, list[float]] = {name: [] for name in messages}
        order = list(messages)
        answers = waves * (streams if streams > 1 else 4)
        for turn in range(rounds + 1):
            for name in order:
                port, message = messages[name]
                seen = Load(port, message, streams, 60.0, 0.0, LOAD_CORES, answers).result()
                if seen["errors"] or seen["requests"] != answers:
                    raise RuntimeError(f"{name}: {seen['errors']} errors, the last with {seen['last_bad_status']}")
                if turn:  # the first turn warms both up
                    rates[name].append(seen["tokens"] / seen["seconds"])
                    firsts[name].append(seen["first_us"]["p50"] / 1e3)
            order.reverse()
        ratio = Spread.of_ratios(rates["maxserve"], rates["engine alone"])
        assert ratio is not None
        page.measure(f"ratio_{streams}", ratio.median)
        for name in messages:
            share = _of(ratio, 3) if name == "maxserve" else ""
            rows.append([str(streams), name, figure(median(rates[name])), share, f"{median(firsts[name]):.2f}"])
    page.say(f"### Tokens per second and time to the first byte, answers of {length} tokens, {rounds} rounds")
    page.rows(["streams", "", "tokens/s", "of the engine alone", "first byte p50 ms"], rows)


def prompt(sentences: int, number: int) -> str:
    """Return a text of about 13 tokens per sentence that no prefix cache has seen."""
    return f"{number} {time.time_ns()} " + "The sky is blue and the capital of France is Paris. " * sentences


def ask_for(subject: Subject, content: str, tokens: int, **more: Any) -> bytes:
    """Return a request of one message."""
    body = {"model": MODEL, "messages": [{"role": "user", "content": content}], "max_tokens": tokens, **more}
    return request(subject.path, body)


def four(page: Page, subject: Subject, times: int) -> None:
    """Compare the work of four results of one prompt with that of one: a long prompt, a single token."""
    spent: dict[int, list[float]] = {1: [], 4: []}
    tokens = 0
    for number in range(times):
        for n in (1, 4) if number % 2 else (4, 1):
            _, end, body = post(subject.port, ask_for(subject, prompt(150, number), 1, n=n))
            spent[n].append(end * 1e3)
            tokens = json.loads(body)["usage"]["prompt_tokens"]
    ratio = Spread.of_ratios(spent[4], spent[1])
    assert ratio is not None
    page.measure("four", ratio.median)
    page.say(f"### Four results of one prompt of {tokens:,} tokens, one token each")
    page.rows(
        ["n = 1, ms", "n = 4, ms", "ratio (least to most)"],
        [
            [
                figure(median(spent[1])),
                figure(median(spent[4])),
                _of(ratio, 2),
            ]
        ],
    )


def hang_up(subject: Subject, message: bytes, after: int, seconds: float) -> None:
    """Send a streamed request, wait for `after` frames (0: for `seconds`), and go away."""
    with socket.create_connection(("127.0.0.1", subject.port), 60) as connection:
        connection.sendall(message)
        got = b""
        while after and got.count(b"\ndata:") + got.startswith(b"data:") < after:
            got += connection.recv(65536)
        if not after:
            time.sleep(seconds)


def cancel(page: Page, subject: Subject, times: int) -> None:
    """Measure how long a slot stays taken after its client has gone; the engine has a single slot.

    A short request right behind waits for the slot; what it takes longer than behind a request that came to its end is
    the answer. (Not than on an idle engine: what the slot held before has to be put away either way.)
    """
    short = ask_for(subject, "Hello.", 1)

    def after() -> float:
        return post(subject.port, short)[1] * 1e3

    rest, waits = [], []
    for number in range(times):
        question = QUESTIONS[number % len(QUESTIONS)]
        post(subject.port, ask_for(subject, question, 8, stream=True))
        rest.append(after())
        hang_up(subject, ask_for(subject, question, 2048, stream=True), 5, 0)
        waits.append(after())
    decoding = [wait - median(rest) for wait in waits]
    # The long prompt's own speed says what one batch takes.
    rest, long_ms, tokens = [], [], 0
    for number in range(5):
        _, end, body = post(subject.port, ask_for(subject, prompt(220, number), 1))
        tokens = json.loads(body)["usage"]["prompt_tokens"]
        long_ms.append(end * 1e3)
        rest.append(after())
    batch_ms = median(long_ms) * BATCH / tokens
    reading = []
    for number in range(times):
        # At different places of the prompt, so that the end of a batch is met by chance only.
        share = 0.2 + 0.4 * number / times
        hang_up(subject, ask_for(subject, prompt(220, number), 1, stream=True), 0, median(long_ms) / 1e3 * share)
        reading.append(after() - median(rest))
    page.measure("cancel_decode", max(0.0, median(decoding)))
    page.measure("cancel_prompt", max(0.0, median(reading)) / batch_ms)
    page.say(f"### Client gone to slot free, {times} times each")
    rows = [
        [what, f"{median(found):.1f}", f"{max(found):.1f}", batch]
        for what, found, batch in (
            ("decoding", decoding, ""),
            (f"reading {tokens} tokens in {median(long_ms):.0f} ms", reading, f"{batch_ms:.1f}"),
        )
    ]
    page.rows(["while", "median ms", "most ms", "one batch, ms"], rows)


def cold(page: Page, times: int) -> None:
    """Measure from the start of `maxserve serve` to the first token, with the demo engine and all cores."""
    listening, first = [], []
    for _ in range(times):
        start = time.perf_counter()
        with stand.maxserve("", cores=SERVER_CORES | LOAD_CORES) as subject:
            listening.append(time.perf_counter() - start)
            post(subject.port, ask_for(subject, "Hello.", 1, stream=True))
            first.append(time.perf_counter() - start)
    page.measure("cold", median(first))
    page.say(f"### Cold start of `maxserve serve` with both demo engines, {times} times")
    page.rows(
        ["", "median s", "most s"],
        [
            ["listening", f"{median(listening):.2f}", f"{max(listening):.2f}"],
            ["first token", f"{median(first):.2f}", f"{max(first):.2f}"],
        ],
    )


def _of(spread: Spread, digits: int) -> str:
    return f"{spread.median:.{digits}f} ({spread.least:.{digits}f} to {spread.most:.{digits}f})"


def run(quick: bool = False) -> None:
    """Measure everything and write the section."""
    quiet()
    page = Page("engine", "Against its own engine", "python -m bench.engine", keep=not quick)
    page.say("demo-m2, one thread; the engines on one core, the API process and the load generator on the other.")
    tokens, rounds, times = (32, 1, 3) if quick else (256, 5, 10)
    with alone(PARALLEL) as engine, served(PARALLEL) as subject:
        settle()
        throughput(page, subject, engine, tokens, 2, rounds)
        four(page, subject, times)
    with served(1, batch=BATCH) as subject:
        settle()
        cancel(page, subject, times)
    cold(page, 2 if quick else 5)
    page.save()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short run that only shows that everything works")
    args = parser.parse_args()
    run(args.quick)


if __name__ == "__main__":
    main()
