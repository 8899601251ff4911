"""Cloudsway's MaaS API."""

from __future__ import annotations

from collections.abc import Mapping

from ..adapter import ApiAdapter
from ..api import Api, ApiOptions
from .adapter import CloudswayChatAdapter
from .models import CloudswayModels

CHAT = "/cloudsway/v1/chat/completions"
ENDPOINT = "/v1/ai/{endpoint}/chat/completions"
MOUNTED_ENDPOINT = "/cloudsway/v1/ai/{endpoint}/chat/completions"


def _adapters(options: ApiOptions) -> Mapping[str, ApiAdapter]:
    adapter = CloudswayChatAdapter(options.cloudsway_endpoints, options.cloudsway_max_output)
    return dict.fromkeys((ENDPOINT, CHAT, MOUNTED_ENDPOINT), adapter)


API = Api(
    name="cloudsway",
    adapters=_adapters,
    chat_path=CHAT,
    owns_model_name=lambda name: name.startswith("MaaS_"),
    models=CloudswayModels,
    error_path=CHAT,
    error_paths={"/cloudsway/v1/ai/": MOUNTED_ENDPOINT, "/cloudsway/": CHAT, "/v1/ai/": ENDPOINT},
)
