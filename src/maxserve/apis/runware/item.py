"""Writes result items and the frames they come in (docs/wire/runware.md §4, §5).

How calls of tools look in a result is published nowhere and typed by no SDK: here they are `tools`, the very list
(`id`, `name`, `input`) that the assistant's message takes in the next request, with the finishReason "tool_calls" that
the SDKs' stream types know. `text` is always there, if empty: SDKs know a result by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from ...catalogue import Model
from ...chat import CompletedToolCall, Completion, CompletionChoice, Usage
from ..openai_chat.thought import inline
from .cost import decimal, shares
from .tasks import TextInference

_encode = msgspec.json.Encoder().encode
PONG = b'{"taskType":"ping","pong":true}'
_UUID = 36
_BEFORE_STATUS = len(b'{"taskType":"textInference","taskUUID":""') + _UUID


def items(asked: TextInference, completion: Completion) -> tuple[bytes, ...]:
    """Return the flat items of an answer, one per result, in order."""
    costs = shares(asked.model.price, completion.usage, [result.usage for result in completion.results])
    return tuple(
        head(asked.uuid)
        + _said(result, asked)
        + tail(asked, result.index, result.usage, costs[result.index])
        + _media(result, asked)
        + b"}"
        for result in completion.results
    )


def dry_items(asked: TextInference, prompt: int, completion: int) -> tuple[bytes, ...]:
    """Return what stands for the results of a task that is only checked and priced.

    The vendor's form is unknown. These are finished items without text, which every SDK takes for results, with
    `dryRun`, the prompt's real tokens and the price of the longest answer there can be, `completion` tokens.
    """
    usages = [Usage(prompt, completion)] * asked.request.n
    costs = shares(asked.model.price, Usage.of_answer(usages), usages)
    return tuple(
        head(asked.uuid)
        + b',"status":"success","text":"","finishReason":"unknown","dryRun":true,"usage":'
        + usage_json(usages[index])
        + b',"cost":'
        + decimal(costs[index])
        + _index(asked, index)
        + b"}"
        for index in range(asked.request.n)
    )


def cost_of(model: Model, completion: Completion) -> float:
    """Return the price of an answer in US dollars: what its items' costs add up to."""
    return model.price.cost(completion.usage)


def with_status(item: bytes, status: Literal["success"] = "success") -> bytes:
    """Return an item as replies to polls have it, with its status."""
    return item[:_BEFORE_STATUS] + b',"status":"' + status.encode() + b'"' + item[_BEFORE_STATUS:]


def acknowledgement(uuid: str) -> bytes:
    """Return the one item that says a task was accepted, whatever its number of results is."""
    return head(uuid) + b"}"


def processing(uuid: str, progress: int | None = None) -> bytes:
    """Return the one item of a task that is not done; `progress` in percent."""
    told = b"" if progress is None else b',"progress":%d' % progress
    return head(uuid) + b',"status":"processing"' + told + b"}"


def authenticated(session: str) -> bytes:
    """Return the item that answers an authentication."""
    return b'{"taskType":"authentication","connectionSessionUUID":' + _encode(session) + b"}"


def pong() -> bytes:
    """Return the frame that answers a ping; it travels alone."""
    return frame((PONG,))


def frame(data: Sequence[bytes] = (), errors: Sequence[bytes] = ()) -> bytes:
    """Return items and errors as one object; a key whose list is empty is left out.

    With neither it is `{"data":[]}`, for HTTP only: over WebSocket one SDK waits for ever after that.
    """
    parts = []
    if data or not errors:
        parts.append(b'"data":[' + b",".join(data) + b"]")
    if errors:
        parts.append(b'"errors":[' + b",".join(errors) + b"]")
    return b"{" + b",".join(parts) + b"}"


def details(uuid: str, request: Sequence[bytes], data: Sequence[bytes], errors: Sequence[bytes]) -> bytes:
    """Return the item that answers getTaskDetails: the tasks as sent, and what came of them."""
    return (
        b'{"taskType":"getTaskDetails","taskUUID":' + _encode(uuid) + b',"request":[' + b",".join(request)
        + b'],"response":' + frame(data, errors) + b"}"
    )  # fmt: skip


def head(uuid: str) -> bytes:
    """Return how items and chunks of a task begin."""
    return b'{"taskType":"textInference","taskUUID":' + _encode(uuid)


def tail(asked: TextInference, index: int, usage: Usage, picodollars: int) -> bytes:
    """Return what was asked for beside the text, the seed that drew the result, and its number where there are more."""
    parts = []
    if asked.include_usage:
        parts.append(b',"usage":' + usage_json(usage))
    if asked.include_cost:
        parts.append(b',"cost":' + decimal(picodollars))
    parts.append(b',"seed":%d' % asked.seeds[index])
    parts.append(_index(asked, index))
    return b"".join(parts)


def tools_json(calls: Sequence[CompletedToolCall]) -> bytes:
    """Return calls as the next request takes them."""
    return _encode([{"id": call.id, "name": call.name, "input": _input(call.arguments)} for call in calls])


def usage_json(usage: Usage) -> bytes:
    """Return the counts of one result; `thinkingTokens`, part of the completion, only where there are some."""
    fields = {
        "promptTokens": usage.prompt,
        "completionTokens": usage.completion,
        "totalTokens": usage.total,
    }
    if usage.reasoning:
        fields["thinkingTokens"] = usage.reasoning
    return _encode(fields)


def _said(result: CompletionChoice, asked: TextInference) -> bytes:
    text = result.text
    if asked.inline and result.reasoning:
        text = inline(result.reasoning, asked.model.family) + text
    fields: dict[str, Any] = {"text": text}
    if result.reasoning and not asked.inline:
        fields["reasoningContent"] = result.reasoning
    said = b"," + _encode(fields)[1:-1]
    if result.calls:
        said += b',"tools":' + tools_json(result.calls)
    return said + b',"finishReason":' + _encode(result.reason)


def _media(result: CompletionChoice, asked: TextInference) -> bytes:
    """An id of the result itself, by which the first JavaScript SDK tells results apart that say the same, or nothing.

    Without it that one polls on while two results have one text, or none.
    """
    if asked.request.n == 1 and (result.text or (asked.inline and result.reasoning)):
        return b""
    return b',"mediaUUID":' + _encode(str(uuid5(UUID(asked.uuid), str(result.index))))


def _index(asked: TextInference, index: int) -> bytes:
    return b',"resultIndex":%d' % index if asked.request.n > 1 else b""


def _input(arguments: str) -> Any:
    """Arguments that a limit cut short are no JSON: they stay text."""
    try:
        return msgspec.Raw(msgspec.json.format(arguments.encode(), indent=-1))  # on one line, as streams need it
    except msgspec.DecodeError:
        return arguments
