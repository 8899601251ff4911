"""Token counts in Anthropic's form."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from ...chat import Usage
from .wire_response import Counts, OutputDetails


def usage_body(usage: Usage, service_tier: str | UnsetType = UNSET) -> Counts:
    """Return the counts of an answer: `input_tokens` leaves out cached tokens (docs/wire/minimax.md §7).

    Nothing is charged for writing into the cache, so `cache_creation_input_tokens` is 0.
    """
    return Counts(
        input_tokens=usage.prompt - usage.cached,
        cache_creation_input_tokens=0,
        cache_read_input_tokens=usage.cached,
        output_tokens=usage.completion,
        output_tokens_details=OutputDetails(usage.reasoning),
        service_tier=service_tier,
    )
