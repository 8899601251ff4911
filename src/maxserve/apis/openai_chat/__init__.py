"""OpenAI's chat completions, the flavour in which any OpenAI client reads maxserve, and the reading that all share.

Conventions of the OpenAI API; MiniMax's extensions (`reasoning_content`, `reasoning_details`, `reasoning_split`,
`thinking`) as docs/wire/minimax.md §4 has them.
"""

from .adapter import ChatAdapter, OpenAIChatAdapter, ParsedChat
from .errors import error_body
from .models import OpenAIModels
from .read import ChatFields, chat_fields, decode_chat
from .response import chat_body
from .rules import ChatRules
from .stream import ChatStream

__all__ = [
    "chat_body", "chat_fields", "ChatAdapter", "ChatFields", "ChatRules", "ChatStream", "decode_chat", "error_body",
    "OpenAIChatAdapter", "OpenAIModels", "ParsedChat",
]  # fmt: skip
