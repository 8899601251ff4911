"""A conversation: what was said so far and how the next answer is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .client import Delta
from .failure import Failure

DEFAULT_MODEL = "MiniMax-M2.7"
THINKING = {"on": "enabled", "off": "disabled", "adaptive": "adaptive"}


class Conversation:
    """Messages in OpenAI's form, the model and its options, and the tokens spent."""

    def __init__(self, model: str = DEFAULT_MODEL, system: str | None = None) -> None:
        self.model = model
        self.system = system
        self.thinking: str | None = None
        self.options: dict[str, Any] = {}
        self.messages: list[dict[str, Any]] = []
        self.usage: dict[str, Any] = {}
        self.total_tokens = 0

    def body(self) -> dict[str, Any]:
        """The request for the next answer."""
        system = [{"role": "system", "content": self.system}] if self.system else []
        body = {"model": self.model, "messages": system + self.messages, "stream_options": {"include_usage": True}}
        if self.thinking:
            body["thinking"] = {"type": THINKING[self.thinking]}
        return body | self.options

    def ask(self, text: str) -> None:
        """Add what the user says."""
        self.messages.append({"role": "user", "content": text})

    def undo(self) -> str | None:
        """Forget the last question and all that followed; returns the question, None where there was none."""
        for i in range(len(self.messages) - 1, -1, -1):
            if self.messages[i]["role"] == "user":
                question = str(self.messages[i]["content"])
                del self.messages[i:]
                return question
        return None

    def spend(self, usage: dict[str, Any]) -> None:
        """Count what an answer cost."""
        self.usage = usage
        self.total_tokens += int(usage.get("total_tokens", 0))

    def save(self, path: Path) -> None:
        """Write the conversation as JSON; raises `Failure`."""
        document = {"model": self.model, "system": self.system, "thinking": self.thinking, "messages": self.messages}
        try:
            path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise Failure(f"{path} cannot be written: {error.strerror}.") from error

    def load(self, path: Path) -> None:
        """Go on with a saved conversation; raises `Failure` and changes nothing where the file is none."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise Failure(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Failure(f"{path} is no saved conversation: {error}.") from error
        messages = document.get("messages") if isinstance(document, dict) else None
        if not isinstance(messages, list) or not all(
            isinstance(message, dict) and "role" in message for message in messages
        ):
            raise Failure(f"{path} is no saved conversation.")
        self.messages = messages
        self.model = document.get("model") or self.model
        self.system = document.get("system")
        self.thinking = document.get("thinking") if document.get("thinking") in THINKING else None


class Reply:
    """An answer while it comes in; becomes the assistant's message."""

    def __init__(self) -> None:
        self.text = ""
        self.thought = ""
        self.calls: list[dict[str, Any]] = []

    def add(self, delta: Delta) -> None:
        """Take the next piece."""
        match delta.kind:
            case "thought":
                self.thought += delta.text
            case "text":
                self.text += delta.text
            case "call":
                function = {"name": delta.text, "arguments": ""}
                self.calls.append({"id": delta.id, "type": "function", "function": function})
            case "arguments":
                self.calls[delta.call]["function"]["arguments"] += delta.text

    def message(self) -> dict[str, Any]:
        """The assistant's message, thought included: the models answer worse when theirs is taken away."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        if self.thought:
            message["reasoning_content"] = self.thought
        if self.calls:
            message["tool_calls"] = self.calls
        return message
