"""Every dialect: how it asks, how its answers are read, and in what it differs from the others by right.

| dialect | thought | counts | else |
|---|---|---|---|
| openai | field | all | |
| openai-inline | `<think>` in the content | all | |
| minimax | `<think>` in the content | all | |
| minimax-split | field | all | |
| minimax-native | `<think>` in the content | all | errors are a 200; streams end with the whole answer |
| cloudsway | left out | all | what is left out is counted all the same |
| cloudsway-split | field | all | |
| anthropic | block | `input_tokens` without those from the cache | names the stop sequence |
| responses | item | all | no stop sequences; calls give no reason; a failed one repeats what was complete |
| cloudflare, -run | field | M2: none cached, M3: none of reasoning | `run` has an envelope |
| runware | field | none cached | an array of tasks, each with an id of its own; calls are told when they are complete |
| runware-inline | `<think>` in the text | none cached | the same |
| runware-chat | field | all | the price in the usage |
| completions | in the text, unread | reasoning is never counted | calls are text; no JSON schema |
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import msgspec

from . import reading
from .reading import Counts, Read
from .stage import Transcript

Body = dict[str, Any]
_UUID = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """One way to ask for an answer, and to read it."""

    name: str
    path: str
    models: dict[str, str]
    body: Callable[[Transcript], Body]
    whole: Callable[[bytes], Read]
    stream: Callable[[bytes], Read]
    tells_usage: bool = False
    thought: str = "shown"
    stops: bool = True
    names_stop: bool = False
    untold: dict[str, str] = {}
    raw: bool = False
    whole_calls: bool = False
    task: bool = False
    fixed_status: int | None = None

    def at(self, case: Transcript) -> str:
        """Return the path; some have the model in it."""
        return self.path.format(model=self.models[case.family])

    def asks(self, case: Transcript) -> bool:
        """Whether the dialect has words for what this case asks."""
        if case.family not in self.models or (case.ask.stop and not self.stops):
            return False
        return not (self.raw and len(case.stretches) > 1)

    @property
    def _streaming(self) -> Body:
        usage = {} if self.tells_usage else {"stream_options": {"include_usage": True}}
        return {"stream": True, **usage}

    def request(self, case: Transcript, stream: bool) -> Body | list[Body]:
        """Return the body that asks; no two tasks may have one id."""
        if self.task:
            delivery = {"deliveryMethod": "stream"} if stream else {}
            return [{"taskUUID": str(uuid.uuid4()), "model": self.models[case.family], **self.body(case), **delivery}]
        return {"model": self.models[case.family], **self.body(case), **(self._streaming if stream else {})}

    def read(self, case: Transcript, body: bytes, stream: bool) -> Read:
        """Read an answer; a thought in the content is taken out of it."""
        read = (self.stream if stream else self.whole)(body)
        return reading.inline(read) if self.thought == "inline" else read

    def steady(self, body: bytes) -> bytes:
        """Return an answer without what is new in each of them: the ids of tasks."""
        return _UUID.sub(b"00000000-0000-4000-8000-000000000000", body) if self.task else body

    def expected(self, case: Transcript, stream: bool) -> Read:
        """Return what must be read: what the transcript tells, less what this dialect does not tell."""
        told = case.told
        prompt, completion, cached, reasoning = told.usage
        counts = Counts(prompt, completion, cached, 0 if self.raw else reasoning)
        if field := self.untold.get(case.family):
            counts = counts._replace(**{field: None})
        error = told.error
        if error is not None and not stream:
            return Read(error=error)
        thought = told.reasoning if self.thought in ("shown", "inline") else ""
        calls = tuple((name, arguments) for name, arguments in told.calls)
        reason: str | None = told.reason
        text = told.text
        if self.raw:
            text, thought, calls = case.raw, "", ()
            if told.stop is not None:
                text = text[: text.index(told.stop)]
            reason = "stop" if reason == "tool_calls" else reason
        if error is not None:
            if self.whole_calls:
                calls = tuple((name, arguments) for name, arguments in calls if not isinstance(arguments, str))
            return Read(text, thought, calls, error=error)
        return Read(text, thought, calls, reason, counts, told.stop if self.names_stop else None)


def _messages(case: Transcript) -> list[Body]:
    return [{"role": "user", "content": case.ask.content}]


def _chat(case: Transcript, **more: Any) -> Body:
    ask = case.ask
    body: Body = {"messages": _messages(case), "max_tokens": ask.max_tokens, **more}
    if ask.tools:
        body["tools"] = [{"type": "function", "function": tool} for tool in ask.tools]
    if ask.schema is not None:
        schema = {"name": "answer", "schema": ask.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if ask.stop:
        body["stop"] = ask.stop
    if ask.thinking is not None:
        body["thinking"] = {"type": ask.thinking}
    return body


def _inline(case: Transcript) -> Body:
    return _chat(case, reasoning_split=False)


def _split(case: Transcript) -> Body:
    return _chat(case, reasoning_split=True)


def _message(case: Transcript) -> Body:
    ask = case.ask
    body: Body = {"messages": _messages(case), "max_tokens": ask.max_tokens}
    if ask.tools:
        body["tools"] = [
            {"name": tool["name"], "description": tool["description"], "input_schema": tool["parameters"]}
            for tool in ask.tools
        ]
    if ask.schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": ask.schema}}
    if ask.stop:
        body["stop_sequences"] = ask.stop
    if ask.thinking is not None:
        body["thinking"] = {"type": ask.thinking, **({"budget_tokens": 1024} if ask.thinking == "enabled" else {})}
    return body


def _respond(case: Transcript) -> Body:
    ask = case.ask
    body: Body = {"input": ask.content, "max_output_tokens": ask.max_tokens}
    if ask.tools:
        body["tools"] = [{"type": "function", **tool} for tool in ask.tools]
    if ask.schema is not None:
        body["text"] = {"format": {"type": "json_schema", "name": "answer", "schema": ask.schema, "strict": True}}
    if ask.thinking is not None:
        body["reasoning"] = {"effort": {"enabled": "high", "disabled": "none"}[ask.thinking]}
    return body


def _complete(case: Transcript) -> Body:
    return {"prompt": case.ask.content, "max_tokens": case.ask.max_tokens, "stop": case.ask.stop or None}


def _infer(case: Transcript, split: bool) -> Body:
    ask = case.ask
    settings: Body = {"maxTokens": ask.max_tokens, "splitThinking": split}
    if ask.stop:
        settings["stopSequences"] = ask.stop
    if ask.thinking is not None:
        settings["thinkingMode"] = ask.thinking
    body: Body = {
        "taskType": "textInference", "messages": _messages(case), "settings": settings, "seed": 7,
        "includeUsage": True, "includeCost": True,
    }  # fmt: skip
    if ask.tools:
        body["tools"] = [
            {"type": "function", "name": tool["name"], "description": tool["description"], "schema": tool["parameters"]}
            for tool in ask.tools
        ]
    if ask.schema is not None:
        body |= {"outputFormat": "JSON", "jsonSchema": ask.schema}
    return body


def _inferred(case: Transcript) -> Body:
    return _infer(case, True)


def _inferred_inline(case: Transcript) -> Body:
    return _infer(case, False)


_OPENAI = {"m2": "minimax/m2.7", "m3": "minimax/m3"}
_MINIMAX = {"m2": "MiniMax-M2.7", "m3": "MiniMax-M3"}
_CHAT: dict[str, Any] = {"whole": reading.chat_whole, "stream": reading.chat_stream}
_AIRS = {"m2": "minimax:m2.7@0", "m3": "minimax:m3@0"}
_RUNWARE: dict[str, Any] = {
    "models": _AIRS, "whole": reading.task_whole, "stream": reading.task_stream, "task": True, "tells_usage": True,
    "whole_calls": True, "untold": {"m2": "cached", "m3": "cached"},
}  # fmt: skip
_CLOUDFLARE: dict[str, Any] = {
    **_CHAT, "body": _chat, "untold": {"m2": "cached", "m3": "reasoning"},
}  # fmt: skip

DIALECTS = [
    Dialect(name="openai", path="/v1/chat/completions", models=_OPENAI, body=_chat, **_CHAT),
    Dialect(
        name="openai-inline", path="/openai/v1/chat/completions", models=_OPENAI, body=_inline, thought="inline",
        **_CHAT,
    ),
    Dialect(name="minimax", path="/v1/chat/completions", models=_MINIMAX, body=_chat, thought="inline", **_CHAT),
    Dialect(name="minimax-split", path="/minimax/v1/chat/completions", models=_MINIMAX, body=_split, **_CHAT),
    Dialect(
        name="minimax-native", path="/v1/text/chatcompletion_v2", models=_MINIMAX, body=_chat, thought="inline",
        fixed_status=200, **_CHAT,
    ),
    Dialect(
        name="cloudsway", path="/v1/chat/completions", models={"m2": "MaaS_MiniMax_M2.7"}, body=_chat,
        thought="hidden", **_CHAT,
    ),
    Dialect(
        name="cloudsway-split", path="/cloudsway/v1/ai/any/chat/completions", models={"m2": "MaaS_MiniMax_M2.7"},
        body=_split, **_CHAT,
    ),
    Dialect(
        name="anthropic", path="/v1/messages", models=_MINIMAX, body=_message, whole=reading.message_whole,
        stream=reading.message_stream, tells_usage=True, names_stop=True,
    ),
    Dialect(
        name="responses", path="/v1/responses", models=_OPENAI, body=_respond, whole=reading.response_whole,
        stream=reading.response_stream, tells_usage=True, stops=False,
    ),
    Dialect(name="cloudflare", path="/client/v4/accounts/a1/ai/v1/chat/completions", models=_OPENAI, **_CLOUDFLARE),
    Dialect(
        name="cloudflare-run", path="/client/v4/accounts/a1/ai/run/{model}",
        models={"m2": "@cf/minimax/m2.7", "m3": "@cf/minimax/m3"}, **_CLOUDFLARE,
    ),
    Dialect(name="runware", path="/v1", body=_inferred, **_RUNWARE),
    Dialect(name="runware-inline", path="/", body=_inferred_inline, thought="inline", **_RUNWARE),
    Dialect(name="runware-chat", path="/v1/chat/completions", models=_AIRS, body=_chat, **_CHAT),
    Dialect(
        name="completions", path="/v1/completions", models=_OPENAI, body=_complete, whole=reading.completion_whole,
        stream=reading.completion_stream, raw=True,
    ),
]  # fmt: skip
