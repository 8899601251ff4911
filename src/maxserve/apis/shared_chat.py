"""`/v1/chat/completions`, the one path that several APIs share, answered in the form that the caller expects.

The configuration decides (`[chat] flavour`, or `flavour` of a key), else the spelling of the model's name: `MiniMax-…`
is MiniMax's, `MaaS_…` Cloudsway's, `minimax:m2.7@0` and `minimax-m2-7` are Runware's, all others OpenAI's.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..chat import Error
from .adapter import AdapterError, Headers, RequestContext
from .openai_chat import ChatAdapter, ParsedChat, decode_chat
from .registry import flavour_of


class _Named(msgspec.Struct):
    model: str | None = None


_named = msgspec.json.Decoder(_Named).decode


class SharedChatAdapter:
    """Hands each request to the door of its flavour. `default` is a flavour, or "model" to go by the model's name."""

    def __init__(self, adapters: Mapping[str, ChatAdapter], default: str = "model") -> None:
        self._adapters = adapters
        self._default = default
        before = adapters["openai" if default == "model" else default]
        self.content_type, self.keep_alive = before.content_type, before.keep_alive

    def read(self, body: bytes, context: RequestContext) -> ParsedChat:
        """Read a body by the rules of its flavour; raises `AdapterError`, which knows whose form the error takes."""
        try:
            asked = decode_chat(body)
        except Error as error:
            raise AdapterError(error, self._adapters[self._flavour(context) or _guess(body)]) from error
        adapter = self._adapters[self._flavour(context) or flavour_of(asked.model)]
        try:
            return adapter.take(asked, context)
        except Error as error:
            raise AdapterError(error, adapter) from error

    def headers(self, context: RequestContext) -> Headers:
        """Return the headers of an answer whose body was never read."""
        return self._before(context).headers(context)

    def error(self, error: Error, context: RequestContext) -> tuple[int, bytes]:
        """Return an error from before the body was read."""
        return self._before(context).error(error, context)

    def error_event(self, error: Error, context: RequestContext) -> bytes:
        """Return the end of a stream; streams belong to the door of their flavour, so none ends here."""
        return self._before(context).error_event(error, context)

    def _flavour(self, context: RequestContext) -> str | None:
        return context.flavour or (None if self._default == "model" else self._default)

    def _before(self, context: RequestContext) -> ChatAdapter:
        return self._adapters[self._flavour(context) or "openai"]


def _guess(body: bytes) -> str:
    """The flavour of a body that could not be read as a whole: its model may still be readable."""
    try:
        return flavour_of(_named(body).model)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "openai"
