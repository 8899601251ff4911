"""A small client of a maxserve (or any OpenAI-compatible) server, for commands that people run."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from .failure import Failure
from .inline import Inline

DEMO_PREFIX = "demo-"


class Delta(msgspec.Struct, frozen=True):
    """A piece of an answer as it comes: thought, text, a call's name, or a piece of its arguments."""

    kind: Literal["thought", "text", "call", "arguments"]
    text: str
    call: int = 0
    id: str = ""


class End(msgspec.Struct, frozen=True):
    """What is known when an answer is complete; `usage` is OpenAI's object, empty where none came."""

    reason: str | None
    usage: dict[str, Any]


class Client:
    """Asks one server; `checkpoint` is what answered last, where the server says so."""

    def __init__(self, url: str, key: str | None = None, timeout: float = 600.0) -> None:
        parts = urlsplit(url if "//" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Failure(f"{url} is no address of a server; write it as http://HOST:PORT.")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        self._base = parts.path.rstrip("/").removesuffix("/v1")
        self._timeout = timeout
        self._headers = {"Content-Type": "application/json", "User-Agent": "maxserve-chat"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self.url = f"{parts.scheme}://{parts.netloc}{self._base}"
        self.checkpoint: str | None = None

    @property
    def is_demo(self) -> bool:
        """Whether a demo checkpoint gave the last answer."""
        return bool(self.checkpoint and self.checkpoint.startswith(DEMO_PREFIX))

    def models(self) -> list[str]:
        """The names that the server lists."""
        return [model["id"] for model in json.loads(self._whole("GET", "/v1/models"))["data"]]

    def complete(self, body: dict[str, Any]) -> bytes:
        """Return the raw response to a whole (unstreamed) request; raises `Failure`."""
        return self._whole("POST", "/v1/chat/completions", body)

    def stream(self, body: dict[str, Any]) -> Iterator[Delta | End]:
        """Yield the answer as it comes, `End` last; closing the iterator hangs up, which stops the model."""
        connection, response = self._ask("POST", "/v1/chat/completions", body | {"stream": True})
        try:
            yield from _deltas(response)
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{self.url} broke off: {error}") from error
        finally:
            connection.close()

    def _whole(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        connection, response = self._ask(method, path, body)
        try:
            return response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{self.url} broke off: {error}") from error
        finally:
            connection.close()

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        try:
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, self._base + path, data, self._headers)
            response = connection.getresponse()
            self.checkpoint = response.getheader("x-maxserve-checkpoint") or self.checkpoint
            if response.status != 200:
                raise Failure(_complaint(response))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise Failure(f"{self.url} cannot be reached: {error}") from error
        except BaseException:
            connection.close()
            raise
        return connection, response


def _complaint(response: http.client.HTTPResponse) -> str:
    text = response.read().decode("utf-8", "replace")
    try:
        return f"The server answered {response.status}: {json.loads(text)['error']['message']}"
    except (ValueError, KeyError, TypeError):
        return f"The server answered {response.status}: {text[:500]}"


def _deltas(response: http.client.HTTPResponse) -> Iterator[Delta | End]:
    reason: str | None = None
    usage: dict[str, Any] = {}
    inline = Inline()
    for line in response:
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            break
        frame = json.loads(data)
        if "error" in frame:
            raise Failure(f"The server broke off: {frame['error'].get('message', frame['error'])}")
        usage = frame.get("usage") or usage
        for choice in frame.get("choices", ()):
            reason = choice.get("finish_reason") or reason
            yield from _read(choice.get("delta") or {}, inline)
    for kind, text in inline.end():
        yield Delta(kind, text)
    yield End(reason, usage)


def _read(delta: dict[str, Any], inline: Inline) -> Iterator[Delta]:
    thought = delta.get("reasoning_content") or delta.get("reasoning")
    if thought:
        yield Delta("thought", thought)
    if delta.get("content"):
        for kind, text in inline.feed(delta["content"]):
            yield Delta(kind, text)
    for call in delta.get("tool_calls") or ():
        function = call.get("function") or {}
        number = call.get("index", 0)
        if function.get("name"):
            yield Delta("call", function["name"], number, call.get("id") or "")
        if function.get("arguments"):
            yield Delta("arguments", function["arguments"], number)
