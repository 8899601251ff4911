"""Anthropic's Messages API, as MiniMax serves it (docs/wire/minimax.md §7)."""

from .adapter import MessagesAdapter, ParsedMessages, count_body
from .errors import error_body, error_event, id_headers
from .signature import Signer
from .stream import MessageStream

__all__ = [
    "count_body", "error_body", "error_event", "id_headers", "MessagesAdapter", "MessageStream", "ParsedMessages",
    "Signer",
]  # fmt: skip
