"""Which API answers at which path."""

from __future__ import annotations

from ..apis.adapter import ApiAdapter
from ..apis.anthropic import MessagesAdapter
from ..apis.cloudsway import CloudswayChatAdapter
from ..apis.completions import CompletionsAdapter
from ..apis.minimax import MinimaxChatAdapter, MinimaxNativeAdapter
from ..apis.openai_chat import ChatAdapter, OpenAIChatAdapter
from ..apis.responses import PATHS as RESPONSES
from ..apis.responses import ResponsesAdapter, Sealer
from ..apis.runware import RunwareChatAdapter
from ..apis.shared_chat import SharedChatAdapter
from ..config import Config
from .signing import signing_secret

OPENAI = OpenAIChatAdapter()
"""Whose form answers take that belong to no API: health, unknown paths."""


def generation_adapters(config: Config) -> dict[str, ApiAdapter]:
    """Return the door of each path that asks a model for an answer."""
    openai = OPENAI
    completions = CompletionsAdapter()
    cloudsway = CloudswayChatAdapter(config.cloudsway.endpoints, config.cloudsway.max_output)
    minimax, native = _minimax(config)
    runware = RunwareChatAdapter()
    flavours: dict[str, ChatAdapter] = {
        "openai": openai,
        "minimax": minimax,
        "cloudsway": cloudsway,
        "runware": runware,
    }
    shared = SharedChatAdapter(flavours, config.chat.flavour)
    responses = ResponsesAdapter(Sealer(signing_secret(config)))
    messages = MessagesAdapter(signing_secret(config))
    return {
        "/v1/chat/completions": shared,
        "/openai/v1/chat/completions": openai,
        **dict.fromkeys(RESPONSES, responses),
        "/v1/completions": completions,
        "/openai/v1/completions": completions,
        "/v1/ai/{endpoint}/chat/completions": cloudsway,
        "/cloudsway/v1/chat/completions": cloudsway,
        "/cloudsway/v1/ai/{endpoint}/chat/completions": cloudsway,
        "/runware/v1/chat/completions": runware,
        "/minimax/v1/chat/completions": minimax,
        "/minimax/v1/text/chatcompletion_v2": native,
        "/v1/text/chatcompletion_v2": native,
        "/v1/messages": messages,
        "/anthropic/v1/messages": messages,
        "/minimax/anthropic/v1/messages": messages,
    }


def _minimax(config: Config) -> tuple[MinimaxChatAdapter, MinimaxNativeAdapter]:
    cumulative, final = config.minimax.cumulative_reasoning, config.minimax.final_frame
    return (
        MinimaxChatAdapter(cumulative="chat" in cumulative, final_frame="chat" in final),
        MinimaxNativeAdapter(cumulative="native" in cumulative, final_frame="native" in final),
    )
