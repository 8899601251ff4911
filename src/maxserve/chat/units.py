"""Number types of settings, with their ranges."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Count = Annotated[int, Meta(ge=1)]
"""A whole number of at least one."""
Seconds = Annotated[float, Meta(gt=0)]
"""A duration in seconds, above zero."""
