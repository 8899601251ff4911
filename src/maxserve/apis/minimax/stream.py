"""Writes MiniMax's answers as server-sent events (docs/wire/minimax.md §5).

Chunks are as the reference's sample and live captures have them: every delta repeats role, name and `audio_content`,
`usage` is null in each, and only the last chunk of a result has the key `finish_reason`. Here that chunk's content is
empty, as OpenAI clients expect. Usage comes where it was asked for, in a chunk without choices, or in the final frame
where a route has one; otherwise a stream tells none, as the live service. What the server's rules found stands in the
last chunk of a result, once it is known.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ...chat import CompletionBuilder, Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, ToolCallStarted, Usage
from ..openai_chat.frames import DETAILS, DONE, ChatFrames
from ..openai_chat.usage import logprobs_body
from .response import NAME, chat_body
from .sensitivity import HARMLESS, flags, refuse
from .usage import usage_body

_encode = msgspec.json.Encoder().encode
WHO = b',"role":"assistant","name":' + _encode(NAME) + b',"audio_content":""'


class MinimaxStream(ChatFrames):
    """Turns batches of events into frames.

    `split` False writes thoughts as a `<think>` block into the content. Else they come piece by piece in
    `reasoning_content` and `reasoning_details`; with `cumulative` each `reasoning_details` has the whole thought so
    far, which MiniMax's own example client cuts at the length of the one before. `final_frame` adds the whole answer
    once more as a `chat.completion` with usage and `base_resp`.
    """

    __slots__ = (
        "_common", "_created", "_end", "_family", "_final", "_id", "_include_usage", "_model", "_split", "_thoughts",
    )  # fmt: skip

    def __init__(
        self,
        *,
        id: str,
        created: int,
        model: str,
        family: str,
        n: int,
        include_usage: bool,
        split: bool,
        cumulative: bool = False,
        final_frame: bool = False,
    ) -> None:
        self._id, self._created, self._model, self._family, self._split = id, created, model, family, split
        self._include_usage = include_usage
        self._thoughts: list[str] | None = [""] * n if cumulative else None
        self._final = CompletionBuilder(n) if final_frame else None
        self._common = (
            b'],"created":' + str(created).encode() + b',"model":' + _encode(model)
            + b',"object":"chat.completion.chunk","usage":'
        )  # fmt: skip
        self._end = b"}" + self._common + b"null" + HARMLESS
        top = b'data: {"id":' + _encode(id) + b',"choices":['
        before = [top + b'{"index":' + str(i).encode() + b',"delta":{"content":' for i in range(n)]
        super().__init__(before, WHO + b"}" + self._end, family=family, split=split)

    def start(self) -> bytes:
        """Return nothing: every chunk says whose it is."""
        return b""

    def write(self, events: Iterable[Event]) -> bytes:
        """Return the frames of one batch; empty where it has nothing to show."""
        if self._final is not None:
            events = list(events)
            self._final.add(events)
        return super().write(events)

    def end(self) -> bytes:
        """Return the whole answer where the route repeats it, the usage where it was asked for, and the end mark."""
        out: list[bytes] = []
        if self._final is not None:
            body = chat_body(
                self._final.result(),
                id=self._id,
                created=self._created,
                model=self._model,
                family=self._family,
                split=self._split,
            )
            out += (b"data: ", body, b"\n\n")
        if self._include_usage:
            usage = _encode(usage_body(Usage.of_answer(self._usage)))
            out += (
                b'data: {"id":', _encode(self._id), b',"choices":[', self._common, usage,
                b',"base_resp":{"status_code":0,"status_msg":""}}\n\n',
            )  # fmt: skip
        out.append(DONE)
        return b"".join(out)

    def _probable(self, event: TextDelta, out: list[bytes]) -> None:
        out += (
            self._before[event.index], _encode(event.text), WHO, b'},"logprobs":',
            _encode(logprobs_body(event.logprobs)), self._end,
        )  # fmt: skip

    def _thought(self, event: ReasoningDelta, out: list[bytes]) -> None:
        text = shown = _encode(event.text)
        if self._thoughts is not None:
            self._thoughts[event.index] += event.text
            shown = _encode(self._thoughts[event.index])
        out += (
            self._before[event.index], b'""', WHO, b',"reasoning_content":', text, DETAILS, shown, b"}]}", self._end,
        )  # fmt: skip

    def _call(self, event: ToolCallStarted, out: list[bytes]) -> None:
        call = {
            "id": event.id,
            "type": "function",
            "function": {"name": event.name, "arguments": ""},
            "index": event.call,
        }
        out += (self._before[event.index], b'""', WHO, b',"tool_calls":[', _encode(call), b"]}", self._end)

    def _arguments(self, event: ToolCallDelta, out: list[bytes]) -> None:
        out += (
            self._before[event.index], b'""', WHO, b',"tool_calls":[{"function":{"arguments":',
            _encode(event.arguments), b'},"index":', str(event.call).encode(), b"}]}", self._end,
        )  # fmt: skip

    def _finish(self, event: Finished, out: list[bytes]) -> None:
        refuse(event.reason, event.sensitivity)
        out += (
            self._before[event.index], b'""', WHO, b'},"finish_reason":', _encode(event.reason), b"}", self._common,
            b"null", flags(event.sensitivity),
        )  # fmt: skip
