"""What `maxserve doctor` looks at, one check after another."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import msgspec

from .. import __version__
from ..catalogue import Catalogue
from ..chat import Error, Message, Request, Sampling, Usage, collect
from ..config import Config, Loaded
from ..engines import Engine, EngineInfo

QUESTION = "What is the capital of France?"
ANSWER_TOKENS = 128


class Check(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding: `ok` False means that serving would fail or disappoint, and `advice` says what to do."""

    name: str
    ok: bool
    finding: str
    advice: str = ""
    tokens_per_second: float | None = None


def machine() -> Iterator[Check]:
    """The interpreter, the machine and what is installed."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Check("maxserve", True, f"{__version__} in {Path(__file__).parents[1]}")
    yield Check("Python", True, f"{platform.python_version()} ({sys.executable})")
    yield Check("platform", True, f"{platform.platform()}, {platform.machine()}, {cores} cores")
    for requirement in importlib.metadata.requires("maxserve") or []:
        name = re.split(r"[^A-Za-z0-9_.-]", requirement, maxsplit=1)[0]
        if "extra ==" in requirement or ("win32" in requirement and sys.platform == "win32"):
            continue
        try:
            yield Check(name, True, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, False, "not installed", "Install maxserve again: pip install .")


def place(loaded: Loaded) -> Iterator[Check]:
    """The configuration, the data directory and the port."""
    config = loaded.config
    yield Check("configuration", True, str(loaded.file or "no file: defaults, environment and flags"))
    folder = config.data_dir
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    advice = "" if writable else "Choose another with --data-dir or MAXSERVE_DATA_DIR."
    yield Check("data directory", writable, f"{folder}{'' if writable else ' cannot be written'}", advice)
    yield _port(config.server.host, config.server.port)


def _port(host: str, port: int) -> Check:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        advice = "Stop what listens there, or choose another port with --port (0 = any free one)."
        return Check("port", False, f"{host}:{port}: {error.strerror or error}", advice)
    return Check("port", True, f"{host}:{port} is free")


async def engines(config: Config, catalogue: Catalogue) -> AsyncIterator[Check]:
    """Start each engine, ask it one question, and close it again."""
    from ..engines.router import create

    for name, settings in config.engines.items():
        label = f"engine {name}"
        engine = create(name, settings, config.data_dir)
        try:
            began = time.perf_counter()
            await engine.start()
            yield _described(label, engine.info, time.perf_counter() - began)
            model = next((model.name for model in catalogue.models if model.engine == name), None)
            if model is None:
                advice = 'Give a model of your catalogue file engine = "' + name + '".'
                yield Check(label, False, "no model of the catalogue asks this engine", advice)
            else:
                yield await _asked(label, model, engine, catalogue)
        except Error as error:
            yield Check(label, False, error.message, "Look at [engines." + name + "] in `maxserve config show`.")
        finally:
            await engine.close()


def _described(label: str, info: EngineInfo, seconds: float) -> Check:
    finding = f"{info.checkpoint} ({info.architecture}), context {info.context:,}, {info.parallel} at once"
    if info.demo:
        finding += "; a small demo checkpoint, not MiniMax's weights"
    if info.sparse is not None:
        finding += "; sparse attention " + ("runs" if info.sparse else "does not run")
    advice = (
        "Long prompts will be slow: reinstall xllamacpp, or use an engine of kind openai."
        if info.sparse is False
        else ""
    )
    return Check(label, info.sparse is not False, f"{finding}; ready in {seconds:.2f} s", advice)


async def _asked(label: str, model: str, engine: Engine, catalogue: Catalogue) -> Check:
    from ..engines.router import Router
    from ..service import Service

    request = Request(
        model=model,
        messages=(Message("user", QUESTION),),
        sampling=Sampling(temperature=0.0, seed=1),
        max_tokens=ANSWER_TOKENS,
    )
    began = time.perf_counter()
    answer = await Service(catalogue, Router({engine.name: engine})).answer(request)
    async with aclosing(answer):
        whole = await collect(answer)
    seconds = time.perf_counter() - began
    usage: Usage = whole.usage
    text = " ".join(whole.results[0].text.split()) or "(thought only)"
    speed = usage.completion / seconds
    finding = f"asked as {model}: {text[:60]!r}, {usage.completion} tokens, {speed:.0f} tokens/s, prompt included"
    return Check(label, usage.completion > 0, finding, tokens_per_second=round(speed, 1))
