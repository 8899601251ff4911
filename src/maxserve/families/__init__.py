"""MiniMax's wire formats: how M2 and M3 want a prompt written and how their raw output is read."""

from .family import Family, Parser, Prompt

__all__ = ["Family", "Parser", "Prompt", "family"]


def family(name: str) -> Family:
    """Return the family called `name` ("m2" or "m3"); raises `KeyError` for another name."""
    from .m2 import M2
    from .m3 import M3

    return {"m2": M2, "m3": M3}[name]()
