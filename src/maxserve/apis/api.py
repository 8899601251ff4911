"""What one API registers: everything that the server, the configuration and the document compute from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from ..catalogue import Catalogue
from .adapter import ApiAdapter, ModelList


class ApiOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of single APIs, from the configuration."""

    signing_secret: bytes = b""
    """Signs thoughts that clients keep."""
    cloudsway_endpoints: Mapping[str, str] = {}
    """Endpoint paths of Cloudsway's API, with the model behind each."""
    cloudsway_max_output: int | None = None
    """The most tokens that a request of Cloudsway's API may ask for; None = what the model allows."""
    minimax_cumulative_reasoning: Collection[str] = ()
    """Routes of MiniMax's API ("chat", "native") whose streams repeat the whole thought in every frame."""
    minimax_final_frame: Collection[str] = ()
    """Routes of MiniMax's API whose streams end with the whole answer."""


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """One API. `apis/registry.py` lists them all."""

    name: str
    """Its name in paths (`/NAME/v1`) and, where it has a form of chat completions of its own, in the configuration."""
    adapters: Callable[[ApiOptions], Mapping[str, ApiAdapter]] = lambda options: {}
    """Returns the adapter of each path that generates."""
    chat_path: str | None = None
    """The path whose adapter also answers `/v1/chat/completions` in this API's form; None = it has no such form."""
    owns_model_name: Callable[[str], bool] = lambda name: False
    """Whether a spelling of a model's name on `/v1/chat/completions` asks for this API's form."""
    models: Callable[[Catalogue], ModelList] | None = None
    """Returns its list of models, at `/NAME/v1/models`."""
    error_path: str = ""
    """The path whose adapter writes the errors of its list of models."""
    error_paths: Mapping[str, str] = {}
    """Beginnings of unknown paths that resemble this API, with the path whose adapter writes the error."""
