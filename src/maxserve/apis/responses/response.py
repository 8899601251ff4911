"""The response object, which comes whole in an answer and several times in a stream."""

from __future__ import annotations

from typing import Any

import msgspec

from ...chat import Usage
from . import wire

_encode = msgspec.json.Encoder().encode


class Response:
    """Writes the response object of one request in its successive states; keys in OpenAI's order.

    It repeats what was asked, null where nothing was. `store` is false whatever was asked, as nothing is kept;
    `completed_at` is unknown here, `truncation` happens never.
    """

    __slots__ = ("_begin", "_between", "_end", "_middle")

    def __init__(self, asked: wire.ResponsesRequest, id: str, created: int) -> None:
        self._begin = (
            b'{"id":' + _encode(f"resp_{id}") + b',"object":"response","created_at":' + str(created).encode()
            + b',"status":'
        )  # fmt: skip
        before = {
            "instructions": asked.instructions,
            "max_output_tokens": asked.max_output_tokens,
            "max_tool_calls": asked.max_tool_calls,
            "model": asked.model,
        }
        self._middle = b"," + _encode(before)[1:-1] + b',"output":['
        after = {
            "parallel_tool_calls": asked.parallel_tool_calls is not False,
            "previous_response_id": None,
            "prompt_cache_key": asked.prompt_cache_key,
            "reasoning": _reasoning(asked.reasoning),
            "safety_identifier": asked.safety_identifier,
            "service_tier": "default",
            "store": False,
            "temperature": asked.temperature,
            "text": _text(asked.text),
            "tool_choice": "auto" if asked.tool_choice is None else asked.tool_choice,
            "tools": asked.tools or [],
            "top_logprobs": asked.top_logprobs or 0,
            "top_p": asked.top_p,
            "truncation": "disabled",
        }
        self._between = b"]," + _encode(after)[1:-1] + b',"usage":'
        self._end = b"," + _encode({"user": asked.user, "metadata": asked.metadata or {}})[1:]

    def write(
        self,
        status: str,
        items: list[bytes],
        usage: Usage | None = None,
        *,
        error: dict[str, Any] | None = None,
        reason: str | None = None,
    ) -> bytes:
        """Return the object with `items` as its output; `reason` says why it is incomplete."""
        state = {
            "background": False,
            "completed_at": None,
            "error": error,
            "incomplete_details": None if reason is None else {"reason": reason},
        }
        return b"".join(
            (
                self._begin, _encode(status), b",", _encode(state)[1:-1], self._middle, b",".join(items), self._between,
                b"null" if usage is None else _encode(_usage(usage)), self._end,
            )
        )  # fmt: skip


def _reasoning(asked: wire.ReasoningSettings | None) -> dict[str, Any]:
    return {"effort": asked.effort if asked else None, "summary": asked.summary if asked else None}


def _text(asked: dict[str, Any] | None) -> dict[str, Any]:
    text = asked or {}
    return {"format": text.get("format") or {"type": "text"}, "verbosity": text.get("verbosity") or "medium"}


def _usage(usage: Usage) -> dict[str, Any]:
    """Token counts; what is written to the cache costs nothing extra here, so it is not counted."""
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }
