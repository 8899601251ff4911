"""Cloudsway's MaaS: chat completions as its page for MiniMax's models has them (docs/wire/minimax.md §1)."""

from .adapter import CloudswayChatAdapter
from .errors import error_body
from .models import CloudswayModels, deployed
from .response import chat_body
from .stream import CloudswayStream

__all__ = ["CloudswayChatAdapter", "CloudswayModels", "CloudswayStream", "chat_body", "deployed", "error_body"]
