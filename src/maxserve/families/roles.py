"""System text: every system message and MiniMax's special roles become one text (docs/wire/minimax.md §13).

The open templates know one system message and drop every other role without a word, so nothing may be left outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..chat import JsonObject, JsonSchema, ResponseFormat

DEFAULT = "You are a helpful assistant."

SPECIAL = ("user_system", "group", "sample_message_user", "sample_message_ai")


def system(texts: Iterable[tuple[str | None, str]]) -> str:
    """Join system messages, given as (name, text); one with only a name names the model."""
    return "\n\n".join(text or f"Your name is {name}." for name, text in texts if text or name)


def folded(messages: Iterable[tuple[str, str | None, str]]) -> str:
    """Return the sections that messages of special roles, given as (role, name, text), become."""
    sections: list[str] = []
    example: list[str] = []
    answered = False
    for role, name, text in messages:
        if role == "user_system" and (name or text):
            # The text may be a phrase or sentences of any person, so it gets a heading and is put into no sentence.
            known = (f"The user's name is {name}." if name else "", f"About the user: {text}" if text else "")
            sections.append("\n".join(part for part in known if part))
        elif role == "group" and (name or text):
            sections.append("Scene: " + "\n".join(part for part in (name, text) if part))
        elif role in ("sample_message_user", "sample_message_ai"):
            asks = role == "sample_message_user"
            if asks and answered:
                sections.append("\n".join(example))
                example, answered = [], False
            example = example or ["Example:"]
            example.append(f"{name or ('User' if asks else 'Assistant')}: {text}")
            answered = answered or not asks
    if example:
        sections.append("\n".join(example))
    return "\n\n".join(sections)


def instruction(form: ResponseFormat) -> str:
    """Return the sentence that asks for the response format; empty for free text. The demo models know these words."""
    if isinstance(form, JsonSchema):
        schema = json.dumps(form.schema, ensure_ascii=False, separators=(",", ":"))
        return f"Answer with one JSON object that matches this JSON schema:\n{schema}"
    return "Answer with one JSON object." if isinstance(form, JsonObject) else ""
