"""OpenAI's API: chat completions, responses and legacy completions."""

from __future__ import annotations

from collections.abc import Mapping

from ..adapter import ApiAdapter
from ..api import Api, ApiOptions
from ..completions import CompletionsAdapter
from ..responses import PATHS as RESPONSES
from ..responses import ResponsesAdapter, Sealer
from .adapter import OpenAIChatAdapter
from .models import OpenAIModels

CHAT = "/openai/v1/chat/completions"
OPENAI = OpenAIChatAdapter()
"""Also the form of paths that belong to no API: health, management, unknown paths."""


def _adapters(options: ApiOptions) -> Mapping[str, ApiAdapter]:
    completions = CompletionsAdapter()
    responses = ResponsesAdapter(Sealer(options.signing_secret))
    return {
        CHAT: OPENAI,
        **dict.fromkeys(RESPONSES, responses),
        "/v1/completions": completions,
        "/openai/v1/completions": completions,
    }


API = Api(
    name="openai",
    adapters=_adapters,
    chat_path=CHAT,
    models=OpenAIModels,
    error_path=CHAT,
    error_paths={"/openai/": CHAT},
)
