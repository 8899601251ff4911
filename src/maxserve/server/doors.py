"""Which API answers at which path."""

from __future__ import annotations

from ..config import Config
from ..dialects.anthropic import Messages
from ..dialects.cloudsway import CloudswayChat
from ..dialects.completions import Completions
from ..dialects.door import Door
from ..dialects.flavours import FlavouredChat
from ..dialects.minimax import MinimaxChat, MinimaxNative
from ..dialects.openai import ChatDoor, OpenAIChat
from ..dialects.responses import PATHS as RESPONSES
from ..dialects.responses import ResponsesDoor, Sealer
from ..dialects.runware import RunwareChat
from .signing import signing_secret

PLAIN = OpenAIChat()
"""Whose form answers take that belong to no API: health, unknown paths."""


def generation_doors(config: Config) -> dict[str, Door]:
    """Return the door of each path that asks a model for an answer."""
    openai = PLAIN
    completions = Completions()
    cloudsway = CloudswayChat(config.cloudsway.endpoints, config.cloudsway.max_output)
    minimax, native = _minimax(config)
    runware = RunwareChat()
    flavours: dict[str, ChatDoor] = {
        "openai": openai,
        "minimax": minimax,
        "cloudsway": cloudsway,
        "runware": runware,
    }
    shared = FlavouredChat(flavours, config.chat.flavour)
    responses = ResponsesDoor(Sealer(signing_secret(config)))
    messages = Messages(signing_secret(config))
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


def _minimax(config: Config) -> tuple[MinimaxChat, MinimaxNative]:
    cumulative, final = config.minimax.cumulative_reasoning, config.minimax.final_frame
    return (
        MinimaxChat(cumulative="chat" in cumulative, final_frame="chat" in final),
        MinimaxNative(cumulative="native" in cumulative, final_frame="native" in final),
    )
