"""Runware's OpenAI-compatible flavour of chat completions (docs/wire/runware.md §8).

OpenAI's forms, with what has been seen of the vendor's: the thought in `reasoning_content` alone, the price in
`usage.cost`, the model under the name that was asked for, and errors under both keys that clients look at. What its
service refuses and OpenAI's does not (a `response_format` without a schema, no limit of tokens) works.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ...catalogue import Price
from ...chat import Completion, CompletionChoice, Error, ReasoningDelta, Usage
from ..adapter import RequestContext, ResponseContext, StreamWriter
from ..openai_chat import ChatAdapter, ChatStream, ParsedChat, error_body
from ..openai_chat.frames import DONE
from ..openai_chat.thought import inline
from ..openai_chat.usage import logprobs_body, usage_body
from .cost import decimal, pico
from .errors import error_item, status_of

_encode = msgspec.json.Encoder().encode


class RunwareChatAdapter(ChatAdapter):
    """The flavour of AIR names and slugs."""

    def write_json(self, asked: ParsedChat, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a `chat.completion`."""
        return _encode(
            {
                "id": f"chatcmpl-{reply.context.id}",
                "object": "chat.completion",
                "created": reply.context.created,
                "model": asked.request.model,
                "choices": [
                    {
                        "index": result.index,
                        "message": _message(result, reply.model.family, asked.split),
                        "logprobs": logprobs_body(result.logprobs),
                        "finish_reason": result.reason,
                    }
                    for result in completion.results
                ],
                "usage": _usage(completion.usage, reply.model.price),
                "system_fingerprint": completion.checkpoint,
            }
        )

    def stream_writer(self, asked: ParsedChat, reply: ResponseContext) -> StreamWriter:
        """Return the writer of `chat.completion.chunk` frames."""
        return RunwareChatStream(
            id=f"chatcmpl-{reply.context.id}",
            created=reply.context.created,
            model=asked.request.model,
            checkpoint=reply.checkpoint,
            family=reply.model.family,
            n=asked.request.n,
            include_usage=asked.include_usage,
            split=asked.split,
            price=reply.model.price,
        )

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body: `error` as OpenAI's SDKs read it, `errors` as Runware's do."""
        _, body = error_body(error)
        return status_of(error), body[:-1] + b',"errors":[' + error_item(error) + b"]}"


class RunwareChatStream(ChatStream):
    """OpenAI's chunks, with a thought in one field and a price in the last."""

    __slots__ = ("_price",)

    def __init__(self, *, price: Price, **more: Any) -> None:
        super().__init__(**more)
        self._price = price

    def end(self) -> bytes:
        """Return the usage frame where it was asked for, and the end mark."""
        if not self._include_usage:
            return DONE
        usage = _encode(_usage(Usage.of_answer(self._usage), self._price))
        return self._top + b'],"usage":' + usage + b"}\n\n" + DONE

    def _thought(self, event: ReasoningDelta, out: list[bytes]) -> None:
        out += (self._prefixes[event.index], b'"reasoning_content":', _encode(event.text), self._tail)


def _message(result: CompletionChoice, family: str, split: bool) -> dict[str, Any]:
    text = result.text
    if not split and result.reasoning:
        text = inline(result.reasoning, family) + text
    message: dict[str, Any] = {"role": "assistant", "content": text if text or not result.calls else None}
    if split and result.reasoning:
        message["reasoning_content"] = result.reasoning
    if result.calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in result.calls
        ]
    return message


def _usage(usage: Usage, price: Price) -> dict[str, Any]:
    return msgspec.structs.asdict(usage_body(usage)) | {"cost": msgspec.Raw(decimal(pico(price.cost(usage))))}
