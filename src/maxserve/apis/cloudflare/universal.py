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
from ..adapter import ApiAdapter, Headers, RequestContext
from ..openai_chat.frames import DONE
from .adapter import CloudflareChatAdapter, Form, ParsedCloudflare, ParsedRelayed
from .decode_errors import InvalidProvider, missing
from .errors import gateway_body
from .model_location import decoded, in_body, in_compat, in_path


class StepConfig(msgspec.Struct, rename="camel"):
    """What the gateway does for one step."""

    request_timeout: float | None = None
    max_attempts: int | None = None
    retry_delay: float | None = None
    backoff: str | None = None


class ParsedStep(msgspec.Struct):
    """A step on the wire."""

    provider: str
    endpoint: str
    query: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    headers: dict[str, Any] | None = None
    config: StepConfig | None = None


_steps = msgspec.json.Decoder(list[ParsedStep] | ParsedStep)


class Step(msgspec.Struct, frozen=True):
    """One step, not yet read: a step that cannot be read fails, and the next one is tried.

    `fault` is what was wrong with it before it could have been read.
    """

    adapter: CloudflareChatAdapter
    body: bytes
    context: RequestContext
    fault: Error | None = None

    def read(self) -> ParsedCloudflare | ParsedRelayed:
        """Read it; raises as the door does."""
        if self.fault is not None:
            raise self.fault
        return self.adapter.read(self.body, self.context)


class UniversalAdapter:
    """Opens universal requests; what answers in the end are the doors of single ones."""

    content_type: ClassVar[bytes] = b"application/json"
    keep_alive: ClassVar[bytes] = b": keep-alive\n\n"

    def __init__(self, catalogue: Catalogue, messages: ApiAdapter) -> None:
        self._compat = CloudflareChatAdapter(catalogue, Form(in_compat, False, gateway_body))
        self._openai = CloudflareChatAdapter(catalogue, Form(in_body, False, gateway_body))
        self._workers = CloudflareChatAdapter(catalogue, Form(in_path, True, gateway_body), messages)

    def steps(self, body: bytes, context: RequestContext) -> list[Step]:
        """Return the steps; raises `InvalidRequest`."""
        found = decoded(_steps, body)
        asked = found if isinstance(found, list) else [found]  # the binding's `gateway.run` takes a single one, too
        if not asked:
            raise InvalidRequest("must hold at least one step", param="steps")
        return [self._step(step, context) for step in asked]

    def headers(self, context: RequestContext) -> Headers:
        """Return the dialect's own headers."""
        return [(b"cf-ai-req-id", context.id.encode())]

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body."""
        return gateway_body(error, context)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the end of a stream; each belongs to the door of its step."""
        return b"data: " + gateway_body(error, context)[1] + b"\n\n" + DONE

    def read(self, body: bytes, context: RequestContext) -> ParsedCloudflare | ParsedRelayed:
        """Read the first step."""
        return self.steps(body, context)[0].read()

    def _step(self, step: ParsedStep, context: RequestContext) -> Step:
        endpoint = step.endpoint.strip("/")
        adapter, path = self._openai, dict(context.path)
        fault: Error | None = None if bytes(step.query) else missing("query")
        if step.provider == "compat":
            adapter = self._compat
        elif step.provider != "workers-ai":
            fault = InvalidProvider(f"'{step.provider}' is not served here; workers-ai and compat are.")
        elif endpoint not in ("v1/chat/completions", "chat/completions"):
            adapter, path["model"] = self._workers, unquote(endpoint.removeprefix("run/"))
        # A step's config holds before its headers, and these before the request's own (docs/wire/cloudflare.md §6.1).
        headers = [*_options(step.config), *_lower(step.headers or {}), *context.headers]
        own = msgspec.structs.replace(context, path=path, headers=headers)
        return Step(adapter, bytes(step.query), own, fault)


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
