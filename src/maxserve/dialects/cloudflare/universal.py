"""The gateway host's universal request: steps, of which the first that succeeds answers (docs/wire/cloudflare.md §3.4).

Providers are `workers-ai` (endpoints `run/MODEL`, `MODEL`, `v1/chat/completions`) and `compat` (`chat/completions`); a
step's headers and its `config` are options of that step alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

import msgspec

from ...catalogue import Catalogue
from ...chat import Error, InvalidRequest
from ..door import Arrival, Door, Headers
from ..openai.frames import DONE
from .door import CloudflareAsked, CloudflareChat, Form, RelayedAsked
from .errors import gateway_body
from .opening import decoded, in_body, in_compat, in_path
from .words import InvalidProvider, missing


class StepConfig(msgspec.Struct, rename="camel"):
    """What the gateway does for one step."""

    request_timeout: float | None = None
    max_attempts: int | None = None
    retry_delay: float | None = None
    backoff: str | None = None


class AskedStep(msgspec.Struct):
    """A step on the wire."""

    provider: str
    endpoint: str
    query: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    headers: dict[str, Any] | None = None
    config: StepConfig | None = None


_steps = msgspec.json.Decoder(list[AskedStep] | AskedStep)


class Step(msgspec.Struct, frozen=True):
    """One step, not yet read: a step that cannot be read fails, and the next one is tried.

    `fault` is what was wrong with it before it could have been read.
    """

    door: CloudflareChat
    body: bytes
    arrival: Arrival
    fault: Error | None = None

    def read(self) -> CloudflareAsked | RelayedAsked:
        """Read it; raises as the door does."""
        if self.fault is not None:
            raise self.fault
        return self.door.read(self.body, self.arrival)


class Universal:
    """Opens universal requests; what answers in the end are the doors of single ones."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def __init__(self, catalogue: Catalogue, messages: Door) -> None:
        self._compat = CloudflareChat(catalogue, Form(in_compat, False, gateway_body))
        self._openai = CloudflareChat(catalogue, Form(in_body, False, gateway_body))
        self._workers = CloudflareChat(catalogue, Form(in_path, True, gateway_body), messages)

    def steps(self, body: bytes, arrival: Arrival) -> list[Step]:
        """Return the steps; raises `InvalidRequest`."""
        found = decoded(_steps, body)
        asked = found if isinstance(found, list) else [found]  # the binding's `gateway.run` takes a single one, too
        if not asked:
            raise InvalidRequest("must hold at least one step", param="steps")
        return [self._step(step, arrival) for step in asked]

    def headers(self, arrival: Arrival) -> Headers:
        """Return the dialect's own headers."""
        return [(b"cf-ai-req-id", arrival.id.encode())]

    def error(self, error: Error, arrival: Arrival) -> tuple[int, bytes]:
        """Return status and body."""
        return gateway_body(error, arrival)

    def error_event(self, error: Error, arrival: Arrival) -> bytes:
        """Return the end of a stream; each belongs to the door of its step."""
        return b"data: " + gateway_body(error, arrival)[1] + b"\n\n" + DONE

    def read(self, body: bytes, arrival: Arrival) -> CloudflareAsked | RelayedAsked:
        """Read the first step."""
        return self.steps(body, arrival)[0].read()

    def _step(self, step: AskedStep, arrival: Arrival) -> Step:
        endpoint = step.endpoint.strip("/")
        door, path = self._openai, dict(arrival.path)
        fault: Error | None = None if bytes(step.query) else missing("query")
        if step.provider == "compat":
            door = self._compat
        elif step.provider != "workers-ai":
            fault = InvalidProvider(f"'{step.provider}' is not served here; workers-ai and compat are.")
        elif endpoint not in ("v1/chat/completions", "chat/completions"):
            door, path["model"] = self._workers, unquote(endpoint.removeprefix("run/"))
        # A step's config holds before its headers, and these before the request's own (docs/wire/cloudflare.md §6.1).
        headers = [*_options(step.config), *_lower(step.headers or {}), *arrival.headers]
        own = msgspec.structs.replace(arrival, path=path, headers=headers)
        return Step(door, bytes(step.query), own, fault)


def _lower(headers: Mapping[str, Any]) -> Headers:
    return [(name.lower().encode(), str(value).encode("latin-1", "replace")) for name, value in headers.items()]


def _options(config: StepConfig | None) -> Headers:
    """A step's config as the headers that mean the same."""
    if config is None:
        return []
    values = {
        b"cf-aig-request-timeout": config.request_timeout,
        b"cf-aig-max-attempts": config.max_attempts,
        b"cf-aig-retry-delay": config.retry_delay,
        b"cf-aig-backoff": config.backoff,
    }
    return [(name, str(value).encode()) for name, value in values.items() if value is not None]
