"""What one flavour of chat completions allows, and what it assumes where a request is silent."""

from __future__ import annotations

import msgspec

from ...chat import Thinking
from ..validation import Range


class ChatRules(msgspec.Struct, frozen=True, kw_only=True):
    """Limits and defaults of a flavour; specs/minimax.md §16 lists who says what.

    `max_output` is in tokens and `max_results` the most that `n` may be, None = what model and server allow. `model` is
    the one that the path is bound to, whatever the body says. `split` is where thoughts go while the request does not
    say: fields of their own, or the content.
    """

    temperature: Range = Range(0, 2)
    top_p: Range = Range(0, 1)
    max_output: int | None = None
    max_results: int | None = None
    model: str | None = None
    split: bool = True
    mask: bool | None = None
    thinking: Thinking | None = None
