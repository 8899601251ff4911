"""What one flavour of chat completions allows, and what it assumes where a request is silent."""

from __future__ import annotations

from typing import get_args

import msgspec

from ...chat import Role, Thinking
from ..validation import Range

# What all flavours share.
TOP_LOGPROBS = Range(0, 20)
STOPS = 4
TOOL_NAME = r"[A-Za-z0-9_.:/-]{1,128}"
MODES: tuple[Thinking, ...] = ("enabled", "disabled", "adaptive")
EFFORTS: dict[str, Thinking] = {
    "none": "disabled",
    "minimal": "enabled",
    "low": "enabled",
    "medium": "enabled",
    "high": "enabled",
    "xhigh": "enabled",
    "max": "enabled",
}
ROLES = frozenset(get_args(Role)) - {"root"}


class ChatRules(msgspec.Struct, frozen=True, kw_only=True):
    """Limits and defaults of a flavour; docs/wire/minimax.md §16 lists who says what.

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
