"""The one list of APIs. Routes, lists of models, errors of unknown paths and allowed flavours are computed from it."""

from __future__ import annotations

from .anthropic.api import API as ANTHROPIC
from .api import Api
from .cloudflare.api import API as CLOUDFLARE
from .cloudsway.api import API as CLOUDSWAY
from .minimax.api import API as MINIMAX
from .openai_chat.api import API as OPENAI
from .runware.api import API as RUNWARE

APIS: tuple[Api, ...] = (OPENAI, MINIMAX, CLOUDSWAY, RUNWARE, ANTHROPIC, CLOUDFLARE)

FLAVOURS: tuple[str, ...] = tuple(api.name for api in APIS if api.chat_path is not None)
"""The APIs in whose form `/v1/chat/completions` can answer; the first one is the default."""


def flavour_of(model: str | None) -> str:
    """Return the flavour that a spelling of a model's name asks for."""
    if model is not None:
        for api in APIS:
            if api.owns_model_name(model):
                return api.name
    return FLAVOURS[0]


def error_path_of(path: str) -> str | None:
    """Return the path whose API an unknown path resembles, by its longest known beginning; None = no API's."""
    found = [prefix for api in APIS for prefix in api.error_paths if path.startswith(prefix)]
    if not found:
        return None
    longest = max(found, key=len)
    return next(api.error_paths[longest] for api in APIS if longest in api.error_paths)
