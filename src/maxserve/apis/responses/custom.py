"""Custom tools: the client wants free text, the model is offered a function with one string called `input`.

The arguments of such a call are JSON, `{"input": "…"}`; the client gets the string's text, as it is written.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from . import wire

FIELD = "input"
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {FIELD: {"type": "string"}},
    "required": [FIELD],
    "additionalProperties": False,
}

_BEGIN = re.compile(r'\s*\{\s*"' + FIELD + r'"\s*:\s*"')
_BEGIN_LIMIT = 64
"""Longer beginnings without a match hold something else, in characters."""
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_WHOLE = re.compile(rf'(?:[^"\\]+|\\["\\/bfnrt]|{_HIGH}{_LOW}|\\u(?![dD][89abAB])[0-9a-fA-F]{{4}})*')
"""Text of a JSON string up to its end quote, or to an escape that is not whole yet."""
_LONE = re.compile(_HIGH)
_decode_text = msgspec.json.Decoder(str).decode
_decode = msgspec.json.Decoder().decode


def encoded(text: str) -> str:
    """Return the arguments of a call that was made with `text`."""
    return msgspec.json.encode({FIELD: text}).decode()


def description(tool: wire.CustomTool) -> str:
    """Return what the model is told of the tool; it learns the format from there, since nothing enforces it."""
    told = [tool.description] if tool.description else []
    form = tool.format
    if form is not None and form.type == "grammar" and form.definition:
        told.append(f"The input must be in the language of this {form.syntax or 'lark'} grammar:\n{form.definition}")
    return "\n\n".join(told) or "Takes free text."


class Input:
    """Reads the text out of a call's arguments, in any chunking.

    Where the model wrote something else than the one string, all of it comes at the end: the only string there is,
    or the arguments as they stand.
    """

    __slots__ = ("_arguments", "_buffer", "_pieces", "_state")

    def __init__(self) -> None:
        self._arguments: list[str] = []
        self._buffer = ""
        self._pieces: list[str] = []
        self._state = "begin"

    @property
    def text(self) -> str:
        """Everything that was handed out."""
        return "".join(self._pieces)

    def feed(self, arguments: str) -> str:
        """Take more of the arguments; return the text that is certain now."""
        self._arguments.append(arguments)
        if self._state == "begin":
            self._buffer += arguments
            match = _BEGIN.match(self._buffer)
            if match is None:
                self._state = "other" if len(self._buffer) > _BEGIN_LIMIT else "begin"
                return ""
            self._state, self._buffer = "text", self._buffer[match.end() :]
        elif self._state == "text":
            self._buffer += arguments
        else:
            return ""
        return self._take(False)

    def finish(self) -> str:
        """Return the text that is left; the arguments are complete."""
        if self._state == "text":
            return self._take(True)
        if self._state == "end":
            return ""
        arguments = "".join(self._arguments)
        text = arguments
        try:
            value = _decode(arguments)
        except msgspec.DecodeError:
            value = None
        if isinstance(value, dict):
            strings = [item for item in value.values() if isinstance(item, str)]
            if isinstance(value.get(FIELD), str):
                text = value[FIELD]
            elif len(strings) == len(value) <= 1:
                text = "".join(strings)
        self._pieces.append(text)
        return text

    def _take(self, final: bool) -> str:
        taken: list[str] = []
        while True:
            match = _WHOLE.match(self._buffer)
            assert match is not None  # the pattern takes nothing, too
            if match.end():
                taken.append(_decode_text(f'"{match[0]}"'))
                self._buffer = self._buffer[match.end() :]
            lone = _LONE.match(self._buffer)
            if lone is None or (len(self._buffer) < 12 and not final):
                break
            # Half of a pair stands for no character.
            taken.append("\ufffd")
            self._buffer = self._buffer[lone.end() :]
        if self._buffer.startswith('"') or final:
            self._state = "end"
        text = "".join(taken)
        if text:
            self._pieces.append(text)
        return text
