"""MiniMax's wire formats: how M2 and M3 want a prompt written and how their raw output is read."""

from functools import lru_cache

from .family import Family, Parser, Prompt
from .template import prepare

__all__ = ["Family", "Parser", "Prompt", "family", "prepare"]


@lru_cache(maxsize=2)
def family(name: str) -> Family:
    """Return the family called `name` ("m2" or "m3"), always the same one; raises `KeyError` for another name."""
    from .m2 import M2
    from .m3 import M3

    families: dict[str, Family] = {"m2": M2(), "m3": M3()}
    return families[name]
