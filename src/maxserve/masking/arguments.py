"""Masking of a tool call's arguments as they come: values only, and what was JSON stays JSON of the same types."""

from __future__ import annotations

import re
from json.encoder import encode_basestring

from .rule import CONTEXT
from .text import Machine, TextMask

_STRUCTURE = re.compile(r'["{}\[\],0-9]')
_NUMBER = re.compile(r"[-+.0-9eE]*")
_PLAIN = re.compile(r'[^"\\]+')
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[^u])")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE_LENGTH = 6
_LONGEST_NUMBER = 64
"""Characters after which a number can be no secret, and passes."""


class ArgumentMask:
    """Masks the JSON text of one call's arguments, which comes in pieces.

    Secrets are sought in strings, with their key as context, and masked there. A number that is a secret becomes 0:
    a text in its place would not be what the tool's schema asks for. Keys pass. Strings are written anew, so an escape
    may look different; it means the same.
    """

    __slots__ = ("_containers", "_held", "_in", "_key", "_key_next", "_machine", "_mask")

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._containers: list[str] = []
        self._key = ""
        self._key_next = False
        self._held = ""
        self._in = ""
        self._mask: TextMask | None = None

    def feed(self, text: str) -> str:
        """Take a piece; return what is certain now."""
        return self._read(text, last=False)

    def finish(self) -> str:
        """Return what is held: the arguments have ended, or were cut off here."""
        return self._read("", last=True)

    def _read(self, text: str, *, last: bool) -> str:
        text, self._held = self._held + text, ""
        out: list[str] = []
        at, size = 0, len(text)
        while at < size:
            if not self._in:
                at = self._structure(text, at, out)
            elif self._in == "number":
                end = self._ended(_NUMBER, text, at)
                if end - at > _LONGEST_NUMBER:
                    out.append(text[at:end])
                    self._in, at = "digits", end
                    continue
                if end == size and not last:
                    self._held = text[at:]
                    break
                out.append(self._number(text[at:end]))
                self._in, at = "", end
            elif self._in == "digits":
                end = self._ended(_NUMBER, text, at)
                out.append(text[at:end])
                at = end
                if end < size:
                    self._in = ""
            else:
                end = self._string(text, at, out, last=last)
                if end == at:
                    self._held = text[at:]
                    break
                at = end
        if last and self._mask is not None:
            out.append(_written(self._mask.finish()))
            self._mask = None
        return "".join(out)

    @staticmethod
    def _ended(pattern: re.Pattern[str], text: str, at: int) -> int:
        found = pattern.match(text, at)
        return found.end() if found else at

    def _structure(self, text: str, at: int, out: list[str]) -> int:
        """Pass what is neither string nor number; return where one of them begins."""
        found = _STRUCTURE.search(text, at)
        if found is None:
            out.append(text[at:])
            return len(text)
        sign, end = found[0], found.end()
        if sign not in '"{}[],':
            self._in = "number"
            out.append(text[at : found.start()])
            return found.start()
        out.append(text[at:end])
        if sign == '"':
            self._in = "key" if self._key_next else "value"
            if self._key_next:
                self._key = ""
            else:
                self._mask = TextMask(self._machine, self._before())
        elif sign in "{[":
            self._containers.append(sign)
            self._key_next = sign == "{"
        elif sign in "}]":
            if self._containers:
                self._containers.pop()
            self._key_next = False
        else:
            self._key_next = bool(self._containers) and self._containers[-1] == "{"
        return end

    def _before(self) -> str:
        # phone_number and phoneNumber are words to whoever reads them.
        return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", self._key) + ": "

    def _number(self, text: str) -> str:
        mask = TextMask(self._machine, self._before())
        mask.feed(text)
        mask.finish()
        return "0" if mask.spans else text

    def _string(self, text: str, at: int, out: list[str], *, last: bool) -> int:
        """Read on in a string; return how far, which is `at` where an escape is not complete."""
        sign = text[at]
        if sign == '"':
            if self._mask is not None:
                out.append(_written(self._mask.finish()))
                self._mask = None
            else:
                self._key_next = False
            out.append(sign)
            self._in = ""
            return at + 1
        if sign != "\\":
            end = self._ended(_PLAIN, text, at)
            self._take(text[at:end], text[at:end], out)
            return end
        found = _ESCAPE.match(text, at)
        if found is None:
            if not last and len(text) - at < _ESCAPE_LENGTH:
                return at
            self._take(text[at], "", out)  # no escape at all: what was no JSON passes as it is
            return at + 1
        end = found.end()
        letter = _unescaped(found[0])
        if "\ud800" <= letter <= "\udbff":
            other = _ESCAPE.match(text, end)
            if other is not None and "\udc00" <= (low := _unescaped(other[0])) <= "\udfff":
                letter = (letter + low).encode("utf-16", "surrogatepass").decode("utf-16")
                end = other.end()
            elif other is None and not last and _may_pair(text[end:]):
                return at
        self._take(text[at:end], letter, out)
        return end

    def _take(self, raw: str, letters: str, out: list[str]) -> None:
        if self._mask is None:
            self._key = (self._key + letters)[-CONTEXT:]
            out.append(raw)
        elif letters:
            out.append(_written(self._mask.feed(letters)))
        else:
            out.append(_written(self._mask.finish()) + raw)


def _may_pair(rest: str) -> bool:
    """Whether the second half of a character may still come."""
    return len(rest) < _ESCAPE_LENGTH and "\\u".startswith(rest[:2])


def _unescaped(escape: str) -> str:
    sign = escape[1]
    return chr(int(escape[2:], 16)) if sign == "u" else _SHORT.get(sign, sign)


def _written(text: str) -> str:
    """Return text as it stands within the quotes of a JSON string."""
    if not text:
        return text
    inner: str = encode_basestring(text)[1:-1]
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", inner)
