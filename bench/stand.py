"""What is measured: servers started on the server's core, each with its address and what is asked of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .native import BUILD, request
from .process import SERVER_CORES, Process, wait_until

MODEL = "minimax/m2.7"
"""What maxserve is asked for in comparisons: the spelling that gets plain OpenAI's form."""

LOG_FOLDER = BUILD / "logs"


class Subject:
    """Something that answers chat completions: its name, port, path and model, and its process where it is ours."""

    def __init__(self, name: str, port: int, path: str, model: str, process: Process | None, key: str | None) -> None:
        self.name = name
        self.port = port
        self.path = path
        self.model = model
        self.key = key
        self._process = process

    @property
    def process(self) -> Process:
        """The server's process; the synthetic upstream has none here."""
        assert self._process is not None
        return self._process

    def body(self, max_tokens: int, *, stream: bool, **more: Any) -> dict[str, Any]:
        """Return a request's body."""
        body: dict[str, Any] = {"model": self.model, "max_tokens": max_tokens, **more}
        if self.path.endswith("/chat/completions"):
            body["messages"] = [{"role": "user", "content": "Say something."}]
        else:
            body["prompt"] = "Say something."
        return {**body, "stream": True, "stream_options": {"include_usage": True}} if stream else body

    def request(self, max_tokens: int, *, stream: bool) -> bytes:
        """Return the bytes of a request."""
        return request(self.path, self.body(max_tokens, stream=stream), self.key)


@contextmanager
def maxserve(
    config: str,
    *flags: str,
    cores: frozenset[int] = SERVER_CORES,
    model: str = MODEL,
    path: str = "/v1/chat/completions",
) -> Iterator[Subject]:
    """Run `maxserve serve` with a configuration of its own while the block runs."""
    LOG_FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="maxserve-bench-") as folder:
        file = Path(folder) / "maxserve.toml"
        file.write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "maxserve", "serve", "--config", file, "--port", "0", "--data-dir", folder]
        process = Process([*command, "--stop-with-stdin", *flags], cores, log=LOG_FOLDER / "maxserve.log")
        try:
            line = process.line()
            while not line.startswith("listening on "):
                line = process.line()
            yield Subject("maxserve", int(line.rpartition(":")[2]), path, model, process, None)
        finally:
            process.stop()


def relay_config(upstream_port: int) -> str:
    """Return the configuration that makes maxserve relay the synthetic upstream, with room for all its streams."""
    return f"""
[limits]
max_concurrent = 8192
max_queue = 8192

[engines.m2]
kind = "openai"
family = "m2"
url = "http://127.0.0.1:{upstream_port}/v1"
model = "synthetic"
parallel = 8192
"""


def direct(upstream_port: int) -> Subject:
    """Return the synthetic upstream itself, asked the way that maxserve asks it."""
    return Subject("engine", upstream_port, "/v1/completions", "synthetic", None, None)


class Missing(Exception):
    """A peer that cannot be measured here, and why."""


@contextmanager
def litellm(upstream_port: int) -> Iterator[Subject]:
    """Run LiteLLM's proxy as a relay of the synthetic upstream; raises `Missing`."""
    python = installed("litellm", ["litellm[proxy]>=1.100,<2"])
    config = BUILD / "litellm.yaml"
    config.write_text(
        "model_list:\n  - model_name: synthetic\n    litellm_params:\n      model: openai/synthetic\n"
        f"      api_base: http://127.0.0.1:{upstream_port}/v1\n      api_key: none\n"
        "litellm_settings:\n  drop_params: true\n  telemetry: false\n",
        encoding="utf-8",
    )
    port = _free_port()
    command = [python.parent / "litellm", "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", "1"]
    environment = {
        "LITELLM_LOG": "ERROR",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        # No key here as with the others; it listens on loopback only.
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    }
    with _peer("LiteLLM proxy", command, port, "/health/liveliness", 90, environment) as subject:
        yield subject


@contextmanager
def vllm_router(upstream_port: int) -> Iterator[Subject]:
    """Run vLLM's router (Rust) as a relay of the synthetic upstream; raises `Missing`."""
    python = installed("vllm-router", ["vllm-router>=0.1.17,<0.2"])
    port = _free_port()
    command: list[str | Path] = [python, "-m", "vllm_router.launch_router", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--worker-urls", f"http://127.0.0.1:{upstream_port}", "--policy", "round_robin", "--log-level", "error"]
    command += ["--max-concurrent-requests", "8192", "--prometheus-port", str(_free_port())]
    with _peer("vLLM router (Rust)", command, port, "/health", 30, {}) as subject:
        yield subject


@contextmanager
def _peer(
    name: str, command: list[str | Path], port: int, health: str, seconds: float, environment: dict[str, str]
) -> Iterator[Subject]:
    LOG_FOLDER.mkdir(parents=True, exist_ok=True)
    log = LOG_FOLDER / f"{name.partition(' ')[0].lower()}.log"
    process = Process(command, SERVER_CORES, log=log, env=environment)
    try:
        try:
            wait_until(lambda: not process.running or _answers(port, health), seconds, f"{name} starts")
        except RuntimeError as error:
            raise Missing(str(error)) from error
        if not process.running:
            raise Missing(f"{name} ended: {process.tail()[-300:]}")
        yield Subject(name, port, "/v1/chat/completions", "synthetic", process, None)
    finally:
        process.stop()


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def installed(name: str, packages: list[str]) -> Path:
    """Return the Python of a virtual environment with the packages, made on the first call; raises `Missing`."""
    folder = BUILD / "peers" / name
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        print(f"installing {name} into {folder}", flush=True)
        try:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True, timeout=120)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
            subprocess.run(pip, check=True, capture_output=True, timeout=900)
        except (subprocess.SubprocessError, OSError) as error:
            raise Missing(f"{name} could not be installed: {error}") from error
        ready.touch()
    return python


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settle(seconds: float = 0.5) -> None:
    """Let what was just done come to rest."""
    time.sleep(seconds)
