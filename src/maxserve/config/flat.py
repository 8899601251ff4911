"""A configuration as dotted keys."""

from __future__ import annotations

from typing import Any

import msgspec

from .kind import fields
from .settings import Config


def flatten(config: Config) -> dict[str, Any]:
    """Return every value by its dotted key, in the order of the schema."""
    flat: dict[str, Any] = {}
    for name in fields(Config):
        value = getattr(config, name)
        if isinstance(value, msgspec.Struct):
            flat |= {f"{name}.{key}": getattr(value, key) for key in fields(type(value))}
        elif isinstance(value, dict):
            for each, settings in value.items():
                if settings.__struct_config__.tag is not None:
                    flat[f"{name}.{each}.kind"] = settings.__struct_config__.tag
                flat |= {f"{name}.{each}.{key}": getattr(settings, key) for key in fields(type(settings))}
        else:
            flat[name] = value
    return flat


_SECRETS = ("auth.keys", "store.url", "webhooks.secrets")
_SECRET_ENDINGS = (".key", ".secret", ".signing_key", ".webhook_secrets")


def is_secret(key: str) -> bool:
    """Whether the value at this dotted key must not be shown."""
    return key in _SECRETS or key.endswith(_SECRET_ENDINGS)
