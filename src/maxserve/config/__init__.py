"""Configuration: defaults, `maxserve.toml`, the environment and flags, in this order, each value with its source."""

from .endpoints import refuse_unknown_endpoints
from .exposure import is_loopback, refuse_unprotected_address
from .load import Loaded, load
from .settings import AuthSettings, CatalogueSettings, Config, LimitSettings, ServerSettings, default_engines
from .show import to_json, to_toml
from .sourced import ConfigError, Setting

__all__ = [
    "AuthSettings", "CatalogueSettings", "Config", "ConfigError", "default_engines", "is_loopback", "LimitSettings",
    "load", "Loaded", "refuse_unknown_endpoints", "refuse_unprotected_address", "ServerSettings", "Setting", "to_json",
    "to_toml",
]  # fmt: skip
