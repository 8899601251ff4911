"""OpenAI's chat completions, the flavour in which any OpenAI client reads maxserve.

Conventions of the OpenAI API; MiniMax's extensions (`reasoning_content`, `reasoning_details`, `reasoning_split`,
`thinking`) as specs/minimax.md §4 has them.
"""

from .errors import error_body, error_event
from .models import model_body, model_list
from .read import ChatAsked, read_chat
from .stream import ChatStream
from .whole import chat_body

__all__ = ["ChatAsked", "ChatStream", "chat_body", "error_body", "error_event", "model_body", "model_list", "read_chat"]
