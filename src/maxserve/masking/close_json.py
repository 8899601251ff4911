"""What a cut JSON object lacks to be one."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_WORDS = ("true", "false", "null")


def close_json(text: str) -> str:
    """Return the shortest end that makes the beginning of a JSON object a whole one; `{}` for no text at all.

    What is missing of a pair is filled with null, a name without letters where even that is missing.
    """
    closers: list[str] = []
    # What may come next in the innermost container: "key" (or its end), "colon", "value" (or its end), "comma".
    expects = "value"
    fresh = False  # the container has just begun: its end may follow
    rest = ""
    for found in _TOKEN.finditer(text):
        part = found[0]
        rest = ""
        if part in "{[":
            closers.append("}" if part == "{" else "]")
            expects, fresh = ("key" if part == "{" else "value"), True
        elif part in "}]":
            closers.pop()
            expects = "comma"
        elif part == ":":
            expects = "value"
        elif part == ",":
            expects, fresh = ("key" if closers[-1] == "}" else "value"), False
        else:
            expects = "colon" if expects == "key" else "comma"
            rest = _rest(part)
    if not text.strip():
        return "{}"
    if expects == "key" and not fresh:
        rest += '"":null'
    elif expects == "colon":
        rest += ":null"
    elif expects == "value" and not (fresh and closers[-1] == "]"):
        rest += "null"
    return rest + "".join(reversed(closers))


def _rest(part: str) -> str:
    """Return what a string, word or number lacks at its end."""
    if part[0] == '"':
        body = part[1:]
        if len(part) > 1 and part[-1] == '"' and not _odd(part[:-1]):
            return ""
        unfinished = _ESCAPE.search(body)
        if unfinished is None or not _odd(body[: unfinished.start() + 1]):
            return '"'
        escape = unfinished[0]
        return ("\\" if escape == "\\" else "0" * (6 - len(escape))) + '"'
    for word in _WORDS:
        if word.startswith(part):
            return word[len(part) :]
    return "" if part[-1].isdigit() else "0"


def _odd(text: str) -> bool:
    """Whether the text ends in an odd number of backslashes."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
