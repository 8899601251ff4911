"""A server that speaks OpenAI's chat completions answers the questions, asked as a client would ask."""

import json
from typing import Any

from training.generator import Example
from training.generator.extraction import OBJECT_TEXT, SCHEMA_TEXT
from training.suite.backend import Answer, most, post


class Api:
    """A server that speaks OpenAI's chat completions, such as maxserve."""

    def __init__(self, base: str, model: str, key: str | None = None) -> None:
        self.base, self.model, self.key = base.rstrip("/"), model, key

    def answer(self, example: Example) -> Answer:
        """Ask as a client would: with tools, thinking mode and response format in their own fields."""
        messages = [_outward(message) for message in example.sent or example.messages[:-1]]
        body: dict[str, Any] = {"model": self.model, "temperature": 0, "top_p": 0.01, "max_tokens": most(example)}
        if example.tools:
            body["tools"] = example.tools
        if example.thinking_mode:
            body["thinking"] = {"type": example.thinking_mode}
        if "json" in example.check:
            mark = SCHEMA_TEXT.partition("\n")[0] if "schema" in example.check else OBJECT_TEXT
            before = messages[0]["content"].partition(mark)[0].rstrip("\n")
            messages[0]["content"] = before
            if before == "You are a helpful assistant.":
                messages.pop(0)
            shape = {"name": "answer", "schema": example.check.get("schema")}
            body["response_format"] = (
                {"type": "json_schema", "json_schema": shape} if "schema" in example.check else {"type": "json_object"}
            )
        found = post(self.base, "/chat/completions", {**body, "messages": _numbered(messages)}, self.key)
        choice = found["choices"][0]
        message = choice["message"]
        made = [(c["function"]["name"], json.loads(c["function"]["arguments"])) for c in message.get("tool_calls") or []]
        return Answer(
            (message.get("reasoning_content") or "").strip("\n"), (message.get("content") or "").strip("\n"), made,
            choice["finish_reason"] in ("stop", "tool_calls"), found["usage"]["prompt_tokens"],
        )  # fmt: skip

    def close(self) -> None:
        """Nothing is held open."""


def _outward(message: dict[str, Any]) -> dict[str, Any]:
    """Write a message as clients send it: arguments as JSON text, calls with ids."""
    if "tool_calls" not in message:
        return dict(message)
    calls = [
        {"type": "function", "function": {**c["function"], "arguments": json.dumps(c["function"]["arguments"], ensure_ascii=False)}}
        for c in message["tool_calls"]
    ]
    return {**message, "tool_calls": calls}


def _numbered(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every call an id and every result the id of its call."""
    count, waiting = 0, []
    for message in messages:
        for made in message.get("tool_calls", []):
            count += 1
            made["id"] = f"call_{count}"
            waiting.append(made["id"])
        if message["role"] == "tool":
            message["tool_call_id"] = waiting.pop(0)
    return messages
