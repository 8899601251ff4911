"""MiniMax's own API, at its OpenAI-compatible and its native path."""

from __future__ import annotations

from collections.abc import Mapping

from ..adapter import ApiAdapter
from ..api import Api, ApiOptions
from .adapter import MinimaxChatAdapter, MinimaxNativeAdapter
from .models import MinimaxModels

CHAT = "/minimax/v1/chat/completions"
NATIVE = "/minimax/v1/text/chatcompletion_v2"
SHORT_NATIVE = "/v1/text/chatcompletion_v2"


def _adapters(options: ApiOptions) -> Mapping[str, ApiAdapter]:
    cumulative, final = options.minimax_cumulative_reasoning, options.minimax_final_frame
    native = MinimaxNativeAdapter(cumulative="native" in cumulative, final_frame="native" in final)
    return {
        CHAT: MinimaxChatAdapter(cumulative="chat" in cumulative, final_frame="chat" in final),
        NATIVE: native,
        SHORT_NATIVE: native,
    }


API = Api(
    name="minimax",
    adapters=_adapters,
    chat_path=CHAT,
    owns_model_name=lambda name: name.startswith("MiniMax-"),
    models=MinimaxModels,
    error_path=CHAT,
    error_paths={"/minimax/v1/text/": NATIVE, "/minimax/": CHAT, "/v1/text/": SHORT_NATIVE},
)
