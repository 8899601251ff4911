"""What an AI gateway does around a request: a cache, limits of rate and spend, retries, a log (specs/cloudflare.md §6).

Nothing here knows HTTP: a dialect reads the options of a request, the server asks `Gateways` before and after.
"""

from .cache import Cached
from .gateways import DEFAULT, Call, Gateways
from .log import Entry, Wanted
from .options import CustomCost, Options
from .settings import GatewaySettings, SpendLimit
from .tables import TABLES
from .ulid import ulid
from .window import Hold

__all__ = [
    "DEFAULT", "TABLES", "Cached", "Call", "CustomCost", "Entry", "GatewaySettings", "Gateways", "Hold", "Options",
    "SpendLimit", "Wanted", "ulid",
]  # fmt: skip
