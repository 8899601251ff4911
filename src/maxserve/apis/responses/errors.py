"""Errors in the words of this API: the service speaks of messages and functions, the caller of items."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any, TypeVar

from ...chat import ContextOverflow, Error, RequestError
from .input import Origin
from .tools import Offer

_MESSAGE = re.compile(r"\bmessages\[(\d+)\](?:(\.tool_calls\[(\d+)\])(?:\.function)?|(\.tool_call_id))?")
_TOOL = re.compile(r"\btools\[(\d+)\]\.function")
_FIELDS = {"messages": "input", "max_tokens": "max_output_tokens"}
_Failure = TypeVar("_Failure", bound=Error)


def translated(error: _Failure, origins: Sequence[Origin], offers: Sequence[Offer]) -> _Failure:
    """Return the error with the paths of the request as it was sent; `origins` of messages, `offers` of tools."""

    def message(match: re.Match[str]) -> str:
        number = int(match[1])
        if number >= len(origins):
            return "input"
        origin = origins[number]
        if match[2]:
            return origin.calls[int(match[3])] if int(match[3]) < len(origin.calls) else origin.path
        return f"{origin.path}.call_id" if match[4] else origin.path

    def tool(match: re.Match[str]) -> str:
        number = int(match[1])
        return offers[number].path if number < len(offers) else "tools"

    def words(text: str) -> str:
        text = _TOOL.sub(tool, _MESSAGE.sub(message, text))
        return text.replace("response_format.json_schema.", "text.format.")

    told = copy.copy(error)
    told.message = words(error.message)
    if error.param is not None:
        told.param = _FIELDS.get(error.param) or words(error.param)
    return told


def failure(error: Error) -> dict[str, Any]:
    """Return the `error` of a response that failed while it was written.

    Agents tell by the code whether to try again: anything else than these three is taken for the server's fault.
    """
    if isinstance(error, ContextOverflow):
        code = "context_length_exceeded"
    else:
        code = "invalid_prompt" if isinstance(error, RequestError) else "server_error"
    return {"code": code, "message": error.message}
