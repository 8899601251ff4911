"""The base of all structs that describe answers."""

from __future__ import annotations

import msgspec


class Struct(msgspec.Struct, forbid_unknown_fields=True):
    """What an answer holds, and nothing else."""
