"""Placeholders for what a prompt must not tell the engine, and what they stand for: `[EMAIL_1]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any

import msgspec

from ..chat import ImagePart, Message, Part, RawRequest, Request, TextPart, ToolCall
from .deanonymizer import Deanonymizer
from .text import Machine, TextMask

_LOOKS_LIKE_ONE = re.compile(r"\[[A-Z][A-Z0-9_]*_[0-9]+\]")
_WORD = re.compile(r"[A-Za-z0-9]")


class PromptAnonymizer:
    """Hides the secrets of one request: the same value has the same placeholder wherever it stands.

    `labels` gives the word in a detector's placeholders. A placeholder that the client's own text has already is not
    given to a secret.
    """

    def __init__(self, machine: Machine, labels: Mapping[str, str]) -> None:
        self._machine = machine
        self._labels = labels
        self._placeholders: dict[str, str] = {}
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    @property
    def values(self) -> dict[str, str]:
        """What each placeholder stands for."""
        return {placeholder: value for value, placeholder in self._placeholders.items()}

    def reserve(self, texts: Iterable[str]) -> None:
        """Note the placeholders that stand in texts which are still to be hidden."""
        for text in texts:
            self._taken.update(_LOOKS_LIKE_ONE.findall(text))

    def hide(self, text: str, before: str = "") -> str:
        """Return the text with its secrets hidden; `before` is what a reader has read just before it."""
        mask = TextMask(self._machine, before)
        mask.feed(text)
        mask.finish()
        if not mask.spans:
            return text
        out: list[str] = []
        at = 0
        spans = mask.spans
        for number, span in enumerate(spans):
            if span.start < at:
                continue
            end = span.end
            # What directly follows a secret and was masked with it, such as the last line of a key, is a part of it.
            for after in spans[number + 1 :]:
                if after.start != end:
                    break
                end = after.end
            out += (text[at : span.start], self._placeholder(text[span.start : end], span.detector))
            at = end
        out.append(text[at:])
        return "".join(out)

    def raw(self, request: RawRequest, prompts: Sequence[str]) -> RawRequest:
        """Return a raw request whose prompts, given here as texts, and stop sequences tell no secret."""
        self.reserve((*prompts, *request.stop))
        hidden = [self.hide(prompt) for prompt in prompts]
        kept = zip(request.prompts, prompts, hidden, strict=True)
        return msgspec.structs.replace(
            request,
            # Ids of tokens stay ids where there is nothing to hide.
            prompts=tuple(given if text == safe else safe for given, text, safe in kept),
            stop=tuple(self.hide(text) for text in request.stop),
        )

    def request(self, request: Request) -> Request:
        """Return a chat request whose messages and stop sequences tell no secret."""
        self.reserve(_texts(request))
        messages = tuple(self._message(message) for message in request.messages)
        stop = tuple(self.hide(text) for text in request.stop)
        return msgspec.structs.replace(request, messages=messages, stop=stop)

    def restorer(self) -> Deanonymizer:
        """Return what puts the secrets back into one answer."""
        return Deanonymizer(self.values)

    @cached_property
    def hidden(self) -> Callable[[str], str]:
        """Return what hides in a text, such as a piece of an answer, the secrets that are known by now."""
        known = self._placeholders
        forms: dict[str, str] = {}
        for value, placeholder in known.items():
            forms[value] = forms[encode_basestring(value)[1:-1]] = placeholder
        if not forms:
            return lambda text: text
        listed = "|".join(_as_word(form) for form in sorted(forms, key=len, reverse=True))
        search = re.compile(listed)
        return lambda text: search.sub(lambda found: forms[found[0]], text)

    def _placeholder(self, value: str, detector: str) -> str:
        known = self._placeholders.get(value)
        if known is not None:
            return known
        label = self._labels[detector]
        while True:
            number = self._numbers[label] = self._numbers.get(label, 0) + 1
            placeholder = f"[{label}_{number}]"
            if placeholder not in self._taken:
                self._placeholders[value] = placeholder
                return placeholder

    def _message(self, message: Message) -> Message:
        content = message.content
        return msgspec.structs.replace(
            message,
            content=self.hide(content) if isinstance(content, str) else tuple(map(self._part, content)),
            name=None if message.name is None else self.hide(message.name),
            reasoning=self.hide(message.reasoning),
            tool_calls=tuple(map(self._call, message.tool_calls)),
        )

    def _part(self, part: Part) -> Part:
        return part if isinstance(part, ImagePart) else TextPart(self.hide(part.text))

    def _call(self, call: ToolCall) -> ToolCall:
        try:
            value = msgspec.json.decode(call.arguments)
        except (msgspec.DecodeError, UnicodeError):
            return msgspec.structs.replace(call, arguments=self.hide(call.arguments))
        hidden = self._value(value, "")
        if hidden == value:
            return call
        return msgspec.structs.replace(call, arguments=msgspec.json.encode(hidden).decode())

    def _value(self, value: Any, before: str) -> Any:
        """Hide in a JSON value, with its key as context; a number that is a secret becomes its placeholder, a text."""
        if isinstance(value, str):
            return self.hide(value, before)
        if isinstance(value, list):
            return [self._value(each, before) for each in value]
        if isinstance(value, dict):
            return {self.hide(name): self._value(each, _context(name)) for name, each in value.items()}
        if isinstance(value, int) and not isinstance(value, bool):
            text = str(value)
            hidden = self.hide(text, before)
            return value if hidden == text else hidden
        return value


def _texts(request: Request) -> Iterable[str]:
    for message in request.messages:
        content = message.content
        yield from (
            (content,) if isinstance(content, str) else (part.text for part in content if isinstance(part, TextPart))
        )
        yield message.reasoning
        yield message.name or ""
        yield from (call.arguments for call in message.tool_calls)
    yield from request.stop


def _context(name: str) -> str:
    return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", name) + ": "


def _as_word(value: str) -> str:
    """Return the expression of a value that stands as a word, where it begins and ends as one."""
    begin = r"(?<![A-Za-z0-9])" if _WORD.match(value[0]) else ""
    end = r"(?![A-Za-z0-9])" if _WORD.match(value[-1]) else ""
    return f"{begin}{re.escape(value)}{end}"
