"""Anthropic's Messages API, as MiniMax serves it (specs/minimax.md §7)."""

from .errors import error_body, error_event, id_headers

__all__ = ["error_body", "error_event", "id_headers"]
