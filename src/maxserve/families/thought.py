"""Thoughts of earlier turns, in every shape that clients send them back (docs/wire/minimax.md §4.3)."""

from __future__ import annotations

import re

_OPENED = re.compile(r"\s*<(think|mm:think)>")
_BARE = re.compile(r"(?s)(.*?)(?:(?:\A|\n)</think>(?=\n|\Z)|</mm:think>)")
"""An end tag without its start: what an engine returns whose prompt had opened the thought."""


def split(content: str, reasoning: str) -> tuple[str, str]:
    """Return the thought and the visible text of an assistant's message.

    A thought is looked for at the beginning of `content` only: a tag in the middle of an answer is text. Where the
    client sent the thought twice, in a field of its own and in the content, the field's is kept.
    """
    if "think>" in content:
        opened = _OPENED.match(content)
        if opened:
            inner, found, rest = content[opened.end() :].partition(f"</{opened[1]}>")
            content = rest.lstrip("\r\n") if found else ""
            reasoning = reasoning or inner
        elif not reasoning and (bare := _BARE.match(content)):
            reasoning = bare[1]
            content = content[bare.end() :].lstrip("\r\n")
        elif content.startswith("</mm:think>"):
            content = content.removeprefix("</mm:think>").lstrip("\r\n")
    return reasoning.strip("\r\n"), content
