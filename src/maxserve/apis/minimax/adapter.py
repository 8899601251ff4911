"""The doors of MiniMax's own API: the OpenAI-compatible path and the native one (docs/wire/minimax.md §3, §9.1)."""

from __future__ import annotations

from ...chat import Completion, Error, InvalidRequest
from ..adapter import Headers, RequestContext, ResponseContext, StreamWriter
from ..openai_chat import ChatAdapter, ChatRules, ParsedChat
from ..openai_chat.frames import DONE
from ..openai_chat.wire import ChatRequest
from .errors import error_body, native_body
from .ids import trace_id
from .response import chat_body
from .stream import MinimaxStream

TIERS = ("standard", "priority", "auto", "default")
"""MiniMax's two, and what OpenAI's clients send when they do not care; every request is served alike."""


class MinimaxChatAdapter(ChatAdapter):
    """`/v1/chat/completions` as MiniMax's service answers it (docs/wire/minimax.md §4 to §6).

    Ranges are those of its newer reference (O3). Thoughts are a `<think>` block in the content unless a request says
    `reasoning_split: true`, and M3 decides by itself whether to think unless a request says otherwise. What the
    service accepts and ignores (`stop`, `n`, `response_format`, `tool_choice`, penalties, `seed`, `logprobs`) works.
    `cumulative` and `final_frame` are `MinimaxStream`'s.
    """

    content_type = b"application/json; charset=utf-8"
    rules = ChatRules(split=False, thinking="adaptive")

    def __init__(self, *, cumulative: bool = False, final_frame: bool = False) -> None:
        self._cumulative = cumulative
        self._final_frame = final_frame

    def take(self, asked: ChatRequest, context: RequestContext) -> ParsedChat:
        """Read a decoded body; the service tier is MiniMax's own field."""
        if asked.service_tier is not None and asked.service_tier not in TIERS:
            raise InvalidRequest(
                f"service_tier must be standard or priority, not '{asked.service_tier}'.", param="service_tier"
            )
        return super().take(asked, context)

    def headers(self, context: RequestContext) -> Headers:
        """Return the headers by which MiniMax's support finds a request: one id under each of their names
        (docs/wire/minimax.md §6.2).
        """
        trace = trace_id(context).encode()
        return [
            (b"trace-id", trace),
            (b"minimax-request-id", trace),
            (b"x-mm-request-id", trace),
            (b"x-session-id", trace),
        ]

    def write_json(self, asked: ParsedChat, completion: Completion, reply: ResponseContext) -> bytes:
        """Return the body of a `chat.completion`; `model` is MiniMax's name for it, however it was asked for."""
        return chat_body(
            completion,
            id=trace_id(reply.context),
            created=reply.context.created,
            model=reply.model.name,
            family=reply.model.family,
            split=asked.split,
        )

    def stream_writer(self, asked: ParsedChat, reply: ResponseContext) -> StreamWriter:
        """Return the writer of `chat.completion.chunk` frames."""
        return MinimaxStream(
            id=trace_id(reply.context),
            created=reply.context.created,
            model=reply.model.name,
            family=reply.model.family,
            n=asked.request.n,
            include_usage=asked.include_usage,
            split=asked.split,
            cumulative=self._cumulative,
            final_frame=self._final_frame,
        )

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return status and body."""
        return error_body(error, context)


class MinimaxNativeAdapter(MinimaxChatAdapter):
    """`/v1/text/chatcompletion_v2`: the same envelope, and errors as a 200 whose `base_resp` has a code
    (docs/wire/minimax.md §9.1).
    """

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return 200 and the body."""
        return 200, native_body(error, context)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the frame whose `base_resp` has a code, and the end mark."""
        return b"data: " + native_body(error, context) + b"\n\n" + DONE
