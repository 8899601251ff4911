"""Runware's API: its OpenAI-compatible path; tasks have endpoints of their own in `server/runware`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..adapter import ApiAdapter
from ..api import Api, ApiOptions
from .chat import RunwareChatAdapter
from .models import RunwareModels
from .search import is_air

CHAT = "/runware/v1/chat/completions"
_SLUG = re.compile(r"minimax-m\d+(-\d+)?(-highspeed)?").fullmatch
"""Runware's other spelling. With a dot, `minimax-m2.7`, it would be MiniMax's in lower case."""


def _adapters(options: ApiOptions) -> Mapping[str, ApiAdapter]:
    return {CHAT: RunwareChatAdapter()}


API = Api(
    name="runware",
    adapters=_adapters,
    chat_path=CHAT,
    owns_model_name=lambda name: is_air(name) or _SLUG(name) is not None,
    models=RunwareModels,
    error_path=CHAT,
    error_paths={"/runware/v1/chat/": CHAT, "/runware/v1/models": CHAT, "/runware": "/runware"},
)
