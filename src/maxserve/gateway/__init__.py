"""What an AI gateway does around a request: a cache, limits of rate and spend, retries, a log (docs/wire/cloudflare.md
§6).

Nothing here knows HTTP: a dialect reads the options of a request, the server asks `gateways.Gateways` before and after.
The names below need no database; what does is imported from its own module, so that a configuration is read without.
"""

from .options import CustomCost, Options
from .record import PROVIDER
from .settings import DEFAULT, GatewaySettings, SpendLimit

__all__ = ["DEFAULT", "PROVIDER", "CustomCost", "GatewaySettings", "Options", "SpendLimit"]
