"""Configuration: defaults, `maxserve.toml`, the environment and flags, in this order, each value with its source."""

from .load import Loaded, load
from .schema import AuthSettings, CatalogueSettings, Config, LimitSettings, ServerSettings, default_engines
from .setting import ConfigError, Setting
from .show import to_json, to_toml

__all__ = [
    "AuthSettings", "CatalogueSettings", "Config", "ConfigError", "LimitSettings", "Loaded", "ServerSettings",
    "Setting", "default_engines", "load", "to_json", "to_toml",
]  # fmt: skip
