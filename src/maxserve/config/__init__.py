"""Configuration: defaults, `maxserve.toml`, the environment and flags, in this order, each value with its source."""

from .door import is_loopback, refuse_open_door
from .endpoints import refuse_unknown_endpoints
from .load import Loaded, load
from .schema import AuthSettings, CatalogueSettings, Config, LimitSettings, ServerSettings, default_engines
from .setting import ConfigError, Setting
from .show import to_json, to_toml

__all__ = [
    "AuthSettings", "CatalogueSettings", "Config", "ConfigError", "LimitSettings", "Loaded", "ServerSettings",
    "Setting", "default_engines", "is_loopback", "load", "refuse_open_door", "refuse_unknown_endpoints", "to_json",
    "to_toml",
]  # fmt: skip
