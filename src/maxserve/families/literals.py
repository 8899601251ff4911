"""Control literals inside untrusted text are broken apart, so that nobody can forge a turn (docs/wire/minimax.md
§14.4).

Every control token of the MiniMax tokenizer begins with `<`, `[` or `]`. `neutralise` puts a WORD JOINER (U+2060: no
width, no line break) after the first character of each, which no tokenizer joins back into the token and no reader
sees. It only inserts, and it judges every position by looking ahead, so overlapping literals are all broken and no
new one can arise; a second pass changes nothing. `restore` is the inverse. The parsers apply the same rule to what a
model writes (a joiner right after one of the three characters is dropped), so quoted text comes back as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

JOINER = "\u2060"

_TAGS = (
    "think", "minimax:tool_call", "mm:think", "tool_call", "fim_prefix", "fim_middle", "fim_suffix", "fim_pad",
    "reponame", "filename", "gh_stars", "issue_start", "issue_comment", "issue_closed", "jupyter_start",
    "jupyter_text", "jupyter_code", "jupyter_output", "jupyter_error", "empty_output", "commit_before", "commit_msg",
    "commit_after", "commit_message", "function_call", "code_interpreter", "add_file", "delete_file", "rename_file",
    "edit_file", "empty_source_file", "repo_struct", "code_context", "file_content", "source_files", "pr_start",
    "review_comment", "filepath", "file_sep", "|content_altered_placeholder|",
)  # fmt: skip
_CLOSED = ("think", "minimax:tool_call", "mm:think", "tool_call")
_MARKS = ("]~b]", "]~!b[", "]!p~[", "]!d~[", "[e~[")
_MEDIA = "]<]"
"""All of `]<]image[>[`, `]<]minimax[>[` and their kin begin so, and hardly anything else does."""

LITERALS: tuple[str, ...] = (*_MARKS, *(f"<{tag}>" for tag in _TAGS), *(f"</{tag}>" for tag in _CLOSED), _MEDIA)
"""What `neutralise` leaves no instance of; the media literals by their common beginning."""

_TAILS = ("]~b", "]~!b", "]!p~", "]!d~", "[e~")
"""Beginnings that the template's next character ([ or ], after the text) would complete; only at the end of a text."""


def _pattern(ends: str) -> re.Pattern[str]:
    """Match the first character of each literal; `ends` closes the alternatives that count only at the text's end."""
    after: dict[str, list[str]] = {"<": [], "[": [], "]": []}
    for literal in LITERALS:
        after[literal[0]].append(re.escape(literal[1:]))
    for tail in _TAILS:
        after[tail[0]].append(re.escape(tail[1:]) + ends)
    after["]"].append("<" + ends)
    return re.compile("|".join(f"{re.escape(first)}(?=(?:{'|'.join(rest)}))" for first, rest in after.items()))


_LITERAL = _pattern(r"\Z")
_IN_JSON = _pattern('"')
_TAG_NAME = re.compile(rf"/?(?:{'|'.join(_CLOSED)})(?:>|\Z)")
_TAGGED_KEY = re.compile(rf'"/?(?:{"|".join(_CLOSED)})[>"]')
_JOINED = re.compile(f"(?<=[<\\[\\]]){JOINER}")
_RESPONSE = re.compile(r"<(?=/?response>)")


def neutralise(text: str) -> str:
    """Return `text` without any control literal, and without an end that what follows could complete to one."""
    if "<" not in text and "[" not in text and "]" not in text:
        return text
    return _LITERAL.sub(rf"\g<0>{JOINER}", text)


def neutralise_response(text: str) -> str:
    """Return a tool's result neutralised, the tags included that would end it and forge another tool's result."""
    text = neutralise(text)
    return _RESPONSE.sub(rf"\g<0>{JOINER}", text) if "response>" in text else text


def neutralise_key(key: str) -> str:
    """Return the name of an argument, which M3 writes as a tag: neither `<name>` nor `</name>` may be a control tag."""
    return JOINER + neutralise(key) if _TAG_NAME.match(key) else neutralise(key)


def neutralise_arguments(value: Any) -> Any:
    """Return a call's arguments with all strings and names neutralised; `value` itself where nothing needs it."""
    text = msgspec.json.encode(value).decode()
    # No character of a literal is ever escaped in JSON, and no literal has quotes: one look at the text suffices.
    return _walk(value, neutralise_key) if _IN_JSON.search(text) or _TAGGED_KEY.search(text) else value


def neutralise_json(value: Any) -> Any:
    """Return a value that the prompt shows as JSON, neutralised; `value` itself where nothing needs it."""
    return _walk(value, neutralise) if _LITERAL.search(msgspec.json.encode(value).decode()) else value


def _walk(value: Any, name: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return neutralise(value)
    if isinstance(value, dict):
        return {name(key): _walk(item, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, name) for item in value]
    return value


def restore(text: str) -> str:
    """Return model output as the reader should have it: `neutralise` undone."""
    return _JOINED.sub("", text) if JOINER in text else text
