"""Small readers of every dialect's answers, independent of the code that writes them.

Each returns a `Read`: what a client of that API would take from it. Counts that a dialect does not tell are None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_THOUGHT = re.compile(r"<think>\n(.*?)\n</think>\n\n?", re.DOTALL)


class Counts(NamedTuple):
    """Tokens; `cached` is part of `prompt`, `reasoning` part of `completion`."""

    prompt: int
    completion: int
    cached: int | None
    reasoning: int | None


class Read(NamedTuple):
    """One answer."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[tuple[str, Any], ...] = ()
    reason: str | None = None
    usage: Counts | None = None
    stop: str | None = None
    error: str | None = None
    ids: tuple[str, ...] = ()


def frames(body: bytes) -> Iterator[tuple[str | None, Any]]:
    """Yield the events of a stream: name (where there is one) and data; comments are left out."""
    blocks = body.decode().split("\n\n")
    assert blocks.pop() == "", "a stream ends with an empty line"
    for block in blocks:
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        if not lines:
            continue
        fields = dict(line.split(": ", 1) for line in lines)
        yield fields.get("event"), fields["data"] if fields["data"] == "[DONE]" else json.loads(fields["data"])


def inline(read: Read) -> Read:
    """Take a thought out of the text that begins with it."""
    found = _THOUGHT.match(read.text)
    if found is None:
        return read
    return read._replace(text=read.text[found.end() :], reasoning=found[1])


# Chat completions, in all flavours.


def _chat_counts(usage: dict[str, Any]) -> Counts:
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    return Counts(
        usage["prompt_tokens"],
        usage["completion_tokens"],
        usage.get("prompt_tokens_details", {}).get("cached_tokens"),
        usage.get("completion_tokens_details", {}).get("reasoning_tokens"),
    )


def _chat_error(body: dict[str, Any]) -> str | None:
    if (error := body.get("error")) is not None:
        return str((error[0] if isinstance(error, list) else error)["message"])
    if body.get("base_resp", {}).get("status_code", 0):
        return str(body["base_resp"]["status_msg"])
    if body.get("success") is False:
        return str(body["errors"][0]["message"])
    return None


def _chat_reasoning(message: dict[str, Any]) -> str:
    """Both fields of a thought, where there are both, must say the same."""
    plain = message.get("reasoning_content")
    details = message.get("reasoning_details")
    told = None if details is None else "".join(detail["text"] for detail in details)
    assert plain is None or told is None or plain == told
    return plain or told or ""


def chat_whole(body: bytes) -> Read:
    """Read a `chat.completion`, bare or in Cloudflare's envelope."""
    answer = json.loads(body)
    if (error := _chat_error(answer)) is not None:
        return Read(error=error)
    answer = answer.get("result", answer)
    (choice,) = answer["choices"]
    message = choice["message"]
    calls = message.get("tool_calls") or []
    assert all(call["type"] == "function" for call in calls)
    return Read(
        message["content"] or "",
        _chat_reasoning(message),
        tuple((call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls),
        choice["finish_reason"],
        _chat_counts(answer["usage"]),
        ids=tuple(call["id"] for call in calls),
    )


def chat_stream(body: bytes) -> Read:
    """Read `chat.completion.chunk` frames."""
    text = reasoning = ""
    names: list[str] = []
    ids: list[str] = []
    arguments: list[str] = []
    reason = usage = error = again = None
    *chunks, (_, done) = frames(body)
    assert done == "[DONE]"
    for _, chunk in chunks:
        if (error := _chat_error(chunk)) is not None:
            break
        usage = chunk.get("usage") or usage
        if chunk["object"] == "chat.completion":
            again = chat_whole(json.dumps(chunk).encode())
            continue
        for choice in chunk["choices"]:
            assert choice["index"] == 0
            assert reason is None, "nothing comes after the finish reason"
            reason = choice.get("finish_reason")
            delta = choice["delta"]
            text += delta.get("content") or ""
            reasoning += _chat_reasoning(delta)
            for call in delta.get("tool_calls") or []:
                if call["index"] == len(names):
                    names.append(call["function"]["name"])
                    ids.append(call["id"])
                    arguments.append("")
                arguments[call["index"]] += call["function"].get("arguments") or ""
    read = Read(
        text,
        reasoning,
        tuple((name, _parsed(json_)) for name, json_ in zip(names, arguments, strict=True)),
        reason,
        None if usage is None else _chat_counts(usage),
        error=error,
        ids=tuple(ids),
    )
    assert again is None or again == read, "MiniMax's native path repeats the whole answer at the end"
    return read


def _parsed(arguments: str) -> Any:
    """Arguments that an error cut short stay text."""
    try:
        return json.loads(arguments)
    except json.JSONDecodeError:
        return arguments


# Runware's tasks.


def _task_counts(usage: dict[str, int]) -> Counts:
    assert usage["totalTokens"] == usage["promptTokens"] + usage["completionTokens"]
    return Counts(usage["promptTokens"], usage["completionTokens"], None, usage.get("thinkingTokens", 0))


def _task_read(items: list[dict[str, Any]], text: str, reasoning: str, last: dict[str, Any]) -> Read:
    calls = [call for item in items for call in item.get("tools", ())]
    assert last["seed"] == 7
    assert last["cost"] > 0
    return Read(
        text,
        reasoning,
        tuple((call["name"], call["input"]) for call in calls),
        last["finishReason"],
        _task_counts(last["usage"]),
        ids=tuple(call["id"] for call in calls),
    )


def task_whole(body: bytes) -> Read:
    """Read the one result of a task, or its error."""
    answer = json.loads(body)
    if "errors" in answer:
        assert not answer.get("data")
        return Read(error=answer["errors"][0]["message"])
    (item,) = answer["data"]
    return _task_read([item], item["text"], item.get("reasoningContent", ""), item)


def task_stream(body: bytes) -> Read:
    """Read flat chunks; all have the same head, and only the last one a reason."""
    *chunks, (_, done) = frames(body)
    assert done == "[DONE]"
    told = [chunk for _, chunk in chunks]
    error = told.pop()["errors"][0]["message"] if "errors" in told[-1] else None
    assert {(chunk["taskType"], len(chunk["taskUUID"])) for chunk in told} <= {("textInference", 36)}
    deltas = [chunk["delta"] for chunk in told]
    text = "".join(delta.get("text", "") for delta in deltas)
    reasoning = "".join(delta.get("reasoningContent", "") for delta in deltas)
    if error is not None:
        calls = [call for delta in deltas for call in delta.get("tools", ())]
        return Read(text, reasoning, tuple((call["name"], call["input"]) for call in calls), error=error)
    assert [chunk["finishReason"] for chunk in told[:-1]] == [None] * (len(told) - 1)
    return _task_read(deltas, text, reasoning, told[-1])


# Completions.


def completion_whole(body: bytes) -> Read:
    """Read a `text_completion`."""
    answer = json.loads(body)
    if (error := _chat_error(answer)) is not None:
        return Read(error=error)
    (choice,) = answer["choices"]
    return Read(choice["text"], "", (), choice["finish_reason"], _chat_counts(answer["usage"]))


def completion_stream(body: bytes) -> Read:
    """Read its frames."""
    text, reason, usage, error = "", None, None, None
    *chunks, (_, done) = frames(body)
    assert done == "[DONE]"
    for _, chunk in chunks:
        if (error := _chat_error(chunk)) is not None:
            break
        usage = chunk["usage"] or usage
        for choice in chunk["choices"]:
            text += choice["text"]
            reason = choice["finish_reason"]
    return Read(text, "", (), reason, None if usage is None else _chat_counts(usage), error=error)


# Anthropic's Messages.

_STOPS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "tool_use": "tool_calls"}


def _message_counts(usage: dict[str, Any]) -> Counts:
    """`input_tokens` are those that the cache did not know."""
    cached = usage["cache_read_input_tokens"]
    return Counts(
        usage["input_tokens"] + usage["cache_creation_input_tokens"] + cached,
        usage["output_tokens"],
        cached,
        usage["output_tokens_details"]["thinking_tokens"],
    )


def _blocks(blocks: list[dict[str, Any]]) -> Read:
    uses = [block for block in blocks if block["type"] == "tool_use"]
    assert all(block["signature"] for block in blocks if block["type"] == "thinking")
    return Read(
        "".join(block["text"] for block in blocks if block["type"] == "text"),
        "".join(block["thinking"] for block in blocks if block["type"] == "thinking"),
        tuple((use["name"], use["input"]) for use in uses),
        ids=tuple(use["id"] for use in uses),
    )


def _stopped(read: Read, reason: str, stop: str | None) -> Read:
    assert (reason == "stop_sequence") == (stop is not None)
    return read._replace(reason=_STOPS[reason], stop=stop)


def message_whole(body: bytes) -> Read:
    """Read a `message`."""
    answer = json.loads(body)
    if answer["type"] == "error":
        return Read(error=answer["error"]["message"])
    read = _stopped(_blocks(answer["content"]), answer["stop_reason"], answer["stop_sequence"])
    return read._replace(usage=_message_counts(answer["usage"]))


def message_stream(body: bytes) -> Read:
    """Read the events of a message."""
    blocks: list[dict[str, Any]] = []
    inputs: dict[int, str] = {}
    closed: set[int] = set()
    last: dict[str, Any] = {}
    error = None
    names: list[str | None] = []
    for name, data in frames(body):
        assert name == data["type"]
        names.append(name)
        index = data.get("index")
        if name == "content_block_start":
            assert index == len(blocks) == len(closed), "one block after the other"
            blocks.append(dict(data["content_block"]))
        elif name == "content_block_delta":
            assert index == len(blocks) - 1
            delta = data["delta"]
            if delta["type"] == "input_json_delta":
                inputs[index] = inputs.get(index, "") + delta["partial_json"]
            else:
                field = delta["type"].removesuffix("_delta")
                blocks[index][field] += delta[field]
        elif name == "content_block_stop":
            closed.add(index)
        elif name == "message_delta":
            last = data
        elif name == "error":
            error = data["error"]["message"]
    for index, text in inputs.items():
        blocks[index]["input"] = _parsed(text)
    if error is not None:
        open_thought = [block for block in blocks if block["type"] == "thinking"]
        for block in open_thought:
            block["signature"] = block["signature"] or "cut short"
        return _blocks(blocks)._replace(error=error)
    assert names[0] == "message_start"
    assert names[-2:] == ["message_delta", "message_stop"]
    assert len(closed) == len(blocks)
    read = _stopped(_blocks(blocks), last["delta"]["stop_reason"], last["delta"]["stop_sequence"])
    return read._replace(usage=_message_counts(last["usage"]))


# OpenAI's Responses.


def _response(answer: dict[str, Any]) -> Read:
    text = reasoning = ""
    calls: list[tuple[str, Any]] = []
    ids: list[str] = []
    for item in answer["output"]:
        if item["type"] == "reasoning":
            reasoning += "".join(part["text"] for part in item["content"])
        elif item["type"] == "message":
            text += "".join(part["text"] for part in item["content"])
        else:
            assert item["type"] == "function_call"
            calls.append((item["name"], _parsed(item["arguments"])))
            ids.append(item["call_id"])
    error = answer["error"]
    if error is not None:
        assert answer["status"] == "failed"
        return Read(text, reasoning, tuple(calls), error=error["message"], ids=tuple(ids))
    if answer["status"] == "incomplete":
        assert answer["incomplete_details"] == {"reason": "max_output_tokens"}
        reason = "length"
    else:
        assert answer["status"] == "completed"
        reason = "tool_calls" if calls else "stop"
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    counts = Counts(
        usage["input_tokens"],
        usage["output_tokens"],
        usage["input_tokens_details"]["cached_tokens"],
        usage["output_tokens_details"]["reasoning_tokens"],
    )
    return Read(text, reasoning, tuple(calls), reason, counts, ids=tuple(ids))


def response_whole(body: bytes) -> Read:
    """Read a `response`."""
    answer = json.loads(body)
    if "object" not in answer:
        return Read(error=answer["error"]["message"])
    return _response(answer)


def response_stream(body: bytes) -> Read:
    """Read the events of a response: the deltas, which must be what its last event repeats."""
    items: list[dict[str, Any]] = []
    last: Any = None
    for number, (name, data) in enumerate(frames(body)):
        assert name == data["type"]
        if name == "error":
            continue
        assert data["sequence_number"] == number
        if name == "response.output_item.added":
            assert data["output_index"] == len(items)
            items.append({"type": data["item"]["type"], "text": "", **data["item"]})
        elif name in (
            "response.reasoning_text.delta", "response.output_text.delta", "response.function_call_arguments.delta",
        ):  # fmt: skip
            items[data["output_index"]]["text"] += data["delta"]
        elif name in ("response.completed", "response.incomplete", "response.failed"):
            last = data["response"]
    assert last is not None
    read = _response(last)
    if last["status"] == "failed":
        # Its last event repeats only what was complete: the rest is in the deltas.
        done = {item["id"] for item in last["output"]}
        broken = [item for item in items if item["id"] not in done]
        assert len(broken) <= 1
        for item in broken:
            assert item is items[-1]
            read = _broken(read, item)
    pieces = {kind: "".join(item["text"] for item in items if item["type"] == kind) for kind in _KINDS}
    assert (pieces["message"], pieces["reasoning"]) == (read.text, read.reasoning)
    calls = [(item["name"], _parsed(item["text"])) for item in items if item["type"] == "function_call"]
    assert tuple(calls) == read.calls
    return read


def _broken(read: Read, item: dict[str, Any]) -> Read:
    """Add an item that an error cut short."""
    if item["type"] == "message":
        return read._replace(text=read.text + item["text"])
    if item["type"] == "reasoning":
        return read._replace(reasoning=read.reasoning + item["text"])
    calls = (*read.calls, (item["name"], _parsed(item["text"])))
    return read._replace(calls=calls, ids=(*read.ids, item["call_id"]))


_KINDS = ("message", "reasoning", "function_call")
