"""Puts the document together: one part per API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .. import __version__
from ..apis.adapter import ApiAdapter
from ..config import Config
from .anthropic import anthropic_form, anthropic_part
from .chat import chat_operations
from .cloudflare import cloudflare_part
from .cloudsway import cloudsway_part
from .completions import completion_operations
from .forms import chat_forms
from .headers import HEADERS
from .minimax import minimax_part
from .models import models_part
from .mounts import Mounts
from .operation import Part
from .responses import response_operations
from .runware import runware_part
from .schema import Schemas
from .server import server_part
from .tasks import tasks_part

OPENAPI = "3.1.1"
TEXT = (
    "Take a client of one of the APIs below, change its address, and it works. Optional fields may be null, which means"
    " absent; fields that are not described are ignored, but for Runware's tasks, which refuse them."
)
SECURITY: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer YOUR_KEY`"},
    "xApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "As Anthropic's clients send it",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "api-key", "description": "As Azure's clients send it."},
}


def document(config: Config, adapters: Mapping[str, ApiAdapter], server: str = "/") -> dict[str, Any]:
    """Return the OpenAPI document of a server with this configuration, whose APIs are behind `adapters` by path.

    `server` is its address.
    The same configuration gives the same document; nothing of the catalogue and no secret is in it.
    """
    schemas = Schemas()
    parts = _parts(config, adapters, schemas)
    keys: list[dict[str, list[str]]] = [{name: []} for name in SECURITY]
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "maxserve",
            "version": __version__,
            "summary": "MiniMax's models behind the APIs that people already call.",
            "description": TEXT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "security": keys if config.access_keys() else [*keys, {}],
        "tags": [{"name": part.name, "description": part.text} for part in parts],
        "paths": _paths(parts),
        "webhooks": _webhooks(parts),
        "components": {
            "schemas": dict(sorted(schemas.found.items())),
            "headers": HEADERS,
            "securitySchemes": SECURITY,
        },
    }


def encoded(described: dict[str, Any]) -> bytes:
    """Return the document as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n"


def _parts(config: Config, adapters: Mapping[str, ApiAdapter], schemas: Schemas) -> list[Part]:
    """The APIs in the order in which they are shown: here is where the next one comes in."""
    mounts = Mounts(adapters)
    forms = chat_forms(schemas, mounts)
    error = forms["openai"].error
    anthropic = anthropic_form(mounts, schemas)
    openai = (
        *chat_operations(config, mounts, schemas, forms),
        *response_operations(mounts, schemas, error),
        *completion_operations(config, mounts, schemas, error),
    )
    messages = anthropic_part(mounts, schemas, anthropic)
    named = {operation.id: operation for operation in (*openai, *messages.operations)}
    return [
        Part(name="OpenAI", text="For any client of OpenAI's API.", operations=openai),
        messages,
        minimax_part(config, mounts, schemas, forms),
        cloudsway_part(config, mounts, schemas, forms),
        cloudflare_part(config, mounts, schemas, forms["openai"], named["createMessage"], named["createResponse"]),
        runware_part(config, schemas),
        models_part(config, schemas, forms, anthropic),
        tasks_part(schemas, forms["openai"]),
        server_part(schemas),
    ]


def _webhooks(parts: Iterable[Part]) -> dict[str, Any]:
    """What the server itself sends, by name: nothing here is a path of its own."""
    found: dict[str, Any] = {}
    for part in parts:
        for operation in part.webhooks:
            found |= operation.document(part.name)
    return found


def _paths(parts: Iterable[Part]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for part in parts:
        for operation in part.operations:
            for path, item in operation.document(part.name).items():
                paths.setdefault(path, {}).update(item)
    return paths
