"""What all endpoints share."""

from __future__ import annotations

from dataclasses import dataclass

from ..access import Keys
from ..config import Config
from ..engines.router import Router
from ..service import Service
from .storage import Storage


@dataclass(frozen=True, slots=True)
class State:
    """One server: its configuration, its engines, the service over them, the keys that open it, its database."""

    config: Config
    router: Router
    service: Service
    keys: Keys
    storage: Storage
