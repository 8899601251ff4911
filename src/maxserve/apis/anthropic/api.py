"""Anthropic's Messages API."""

from __future__ import annotations

from collections.abc import Mapping

from ..adapter import ApiAdapter
from ..api import Api, ApiOptions
from .adapter import MessagesAdapter
from .models import AnthropicModels

MESSAGES = "/v1/messages"
MOUNTED = "/anthropic/v1/messages"
MINIMAX = "/minimax/anthropic/v1/messages"


def _adapters(options: ApiOptions) -> Mapping[str, ApiAdapter]:
    return dict.fromkeys((MESSAGES, MOUNTED, MINIMAX), MessagesAdapter(options.signing_secret))


API = Api(
    name="anthropic",
    adapters=_adapters,
    models=AnthropicModels,
    error_path=MOUNTED,
    error_paths={"/anthropic/": MOUNTED, MESSAGES: MESSAGES, "/minimax/anthropic/": MINIMAX},
)
