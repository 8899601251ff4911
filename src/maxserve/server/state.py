"""What all endpoints share."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import Config
from ..engines.router import Router
from ..service import Service
from .auth import Keys


@dataclass(frozen=True, slots=True)
class State:
    """One server: its configuration, its engines, the service over them and the keys that open it."""

    config: Config
    router: Router
    service: Service
    keys: Keys
