"""What is asked: the same prompt over and over, or a slightly different one each time."""

from __future__ import annotations

from typing import Any

import msgspec

from .target import Target

PROMPT = "Explain in a few sentences why the sky is blue, and why it is red in the evening."


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """The request that is repeated.

    `fresh` begins every prompt with its number, so that no prefix cache can help. `seed` gives request i the seed
    `seed + i`, so that two addresses with the same weights write the same answers.
    """

    model: str
    prompt: str = PROMPT
    max_tokens: int = 128
    stream: bool = True
    fresh: bool = False
    seed: int | None = None
    temperature: float | None = None

    def body(self, chat: bool, number: int) -> bytes:
        """Return the JSON text of request `number`."""
        prompt = f"{number}. {self.prompt}" if self.fresh else self.prompt
        body: dict[str, Any] = {"model": self.model}
        if chat:
            body["messages"] = [{"role": "user", "content": prompt}]
        else:
            body["prompt"] = prompt
        body["max_tokens"] = self.max_tokens
        if self.temperature is not None:
            body["temperature"] = self.temperature
        if self.seed is not None:
            body["seed"] = self.seed + number
        if self.stream:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        return msgspec.json.encode(body)

    def requests(self, target: Target) -> Requests:
        """Return the bytes of every request to `target`."""
        return Requests(self, target)


class Requests:
    """The bytes of request 0, 1, 2, …; encoded once where they are all the same."""

    def __init__(self, workload: Workload, target: Target) -> None:
        self._workload = workload
        self._target = target
        same = not workload.fresh and workload.seed is None
        self._bytes = self._encode(0) if same else None

    def __getitem__(self, number: int) -> bytes:
        return self._bytes or self._encode(number)

    def _encode(self, number: int) -> bytes:
        return self._target.post(self._workload.body(self._target.chat, number))
