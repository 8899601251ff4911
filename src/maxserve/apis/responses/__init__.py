"""OpenAI's Responses API, for agents and SDKs that speak it; stateless.

The wire form is that of OpenAI's SDKs; thinking modes are MiniMax's (docs/wire/minimax.md §8).
"""

from .adapter import PATHS, ParsedResponses, ResponsesAdapter, stored
from .thought import Sealer

__all__ = ["PATHS", "ParsedResponses", "ResponsesAdapter", "Sealer", "stored"]
