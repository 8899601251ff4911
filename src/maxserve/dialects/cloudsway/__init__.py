"""Cloudsway's MaaS: chat completions as its page for MiniMax's models has them (docs/wire/minimax.md §1)."""

from .door import CloudswayChat
from .errors import error_body
from .models import CloudswayModels, deployed
from .stream import CloudswayStream
from .whole import chat_body

__all__ = ["CloudswayChat", "CloudswayModels", "CloudswayStream", "chat_body", "deployed", "error_body"]
