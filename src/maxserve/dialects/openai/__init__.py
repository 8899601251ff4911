"""OpenAI's chat completions, the flavour in which any OpenAI client reads maxserve, and the reading that all share.

Conventions of the OpenAI API; MiniMax's extensions (`reasoning_content`, `reasoning_details`, `reasoning_split`,
`thinking`) as docs/wire/minimax.md §4 has them.
"""

from .door import ChatAsked, ChatDoor, OpenAIChat
from .errors import error_body
from .models import OpenAIModels
from .read import ChatFields, chat_fields, decode_chat
from .rules import ChatRules
from .stream import ChatStream
from .whole import chat_body

__all__ = [
    "ChatAsked", "ChatDoor", "ChatFields", "ChatRules", "ChatStream", "OpenAIChat", "OpenAIModels", "chat_body",
    "chat_fields", "decode_chat", "error_body",
]  # fmt: skip
