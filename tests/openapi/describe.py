"""The document of a server as it comes, and its schemas as a validator takes them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jsonschema import Draft202012Validator

from maxserve.apis.adapter import ApiAdapter
from maxserve.catalogue import Catalogue
from maxserve.config import Config, load
from maxserve.openapi import document
from maxserve.server.cloudflare import every_adapter
from maxserve.server.routes import generation_adapters


def configured(**tables: Any) -> Config:
    """Return the configuration of a fresh machine with other tables; nothing is written to its data directory."""
    config = load(cwd=Path(__file__).parent).config
    auth = msgspec.structs.replace(tables.pop("auth", config.auth), signing_key="a test's")
    return msgspec.structs.replace(config, auth=auth, **tables)


def doors_of(config: Config) -> dict[str, ApiAdapter]:
    return every_adapter(Catalogue.load(), generation_adapters(config))


@cache
def described() -> dict[str, Any]:
    config = configured()
    return document(config, doors_of(config))


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """Return a validator of a schema of the document, which may refer to others."""
    return Draft202012Validator({**schema, "components": described()["components"]})
