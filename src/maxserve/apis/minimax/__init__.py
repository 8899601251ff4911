"""MiniMax's own API: the OpenAI-compatible path and the native one, in MiniMax's envelope (docs/wire/minimax.md §3 to
docs/wire/minimax.md §6).

Both take what OpenAI's chat completions take and read it in the same way; what they write differs.
"""

from .adapter import MinimaxChatAdapter, MinimaxNativeAdapter
from .errors import base_resp, error_body, native_body
from .ids import trace_id
from .response import chat_body, envelope
from .stream import MinimaxStream

__all__ = [
    "base_resp", "chat_body", "envelope", "error_body", "MinimaxChatAdapter", "MinimaxNativeAdapter", "MinimaxStream",
    "native_body", "trace_id",
]  # fmt: skip
