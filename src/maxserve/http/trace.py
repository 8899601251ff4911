"""The W3C trace context of the request that is being answered; the client sends it on."""

from __future__ import annotations

from contextvars import ContextVar

TRACEPARENT: ContextVar[str] = ContextVar("traceparent", default="")
"""The `traceparent` header of the current request, checked; empty where it has none."""
