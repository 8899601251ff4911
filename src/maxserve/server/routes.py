"""The adapter of every path that generates, but Cloudflare's."""

from __future__ import annotations

from typing import cast

from ..apis.adapter import ApiAdapter
from ..apis.api import ApiOptions
from ..apis.openai_chat import ChatAdapter
from ..apis.openai_chat.api import OPENAI
from ..apis.registry import APIS
from ..apis.shared_chat import SharedChatAdapter
from ..config import Config
from .signing import signing_secret

__all__ = ["OPENAI", "SHARED_CHAT", "generation_adapters"]

SHARED_CHAT = "/v1/chat/completions"


def generation_adapters(config: Config) -> dict[str, ApiAdapter]:
    """Return the adapter of each path."""
    options = ApiOptions(
        signing_secret=signing_secret(config),
        cloudsway_endpoints=config.cloudsway.endpoints,
        cloudsway_max_output=config.cloudsway.max_output,
        minimax_cumulative_reasoning=config.minimax.cumulative_reasoning,
        minimax_final_frame=config.minimax.final_frame,
    )
    adapters: dict[str, ApiAdapter] = {}
    for api in APIS:
        adapters |= api.adapters(options)
    chat = {api.name: cast(ChatAdapter, adapters[api.chat_path]) for api in APIS if api.chat_path is not None}
    return {SHARED_CHAT: SharedChatAdapter(chat, config.chat.flavour), **adapters}
