"""Whether strangers could walk in."""

from __future__ import annotations

import ipaddress

from .settings import Config
from .sourced import ConfigError


def refuse_unprotected_address(config: Config) -> None:
    """Raise `ConfigError` where other machines could reach the server and no key keeps them out."""
    host = config.server.host
    if not config.access_keys() and not is_loopback(host):
        raise ConfigError(
            f"Listening on {host} lets other machines in, and no key is set. Give one with --key, "
            "MAXSERVE_AUTH_KEYS, or [auth] keys or [keys.NAME] in maxserve.toml, or listen on 127.0.0.1."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`; a name other than localhost counts as reachable."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
