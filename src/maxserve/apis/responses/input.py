"""Turns the items of `input` into messages.

A model of MiniMax's wrote its thought, its text and its calls as one turn, and wants to see them as one again. So a run
of assistant items (reasoning, message, calls) becomes one message, followed by the outputs of its calls, wherever these
stand in the list. Items that only record what a vendor's own tool did are left out.
"""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from ...chat import ImagePart, InvalidRequest, Message, Part, Role, TextPart, ToolCall, Unsupported
from ..openai_chat.content import refuse_image, require_words
from ..validation import required
from . import custom, wire
from .thought import Sealer
from .tools import as_, shown

_encode = msgspec.json.Encoder().encode
ROLES = frozenset(get_args(Role)) - {"root", "tool", "assistant"}
TEXTS = frozenset({"input_text", "output_text", "text"})
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})
LOCAL = {
    "local_shell_call": ("local_shell", "action"),
    "shell_call": ("shell", "action"),
    "apply_patch_call": ("apply_patch", "operation"),
}
"""Calls that the client itself carried out, by their kind: the tool's name, and where the arguments stand."""


class Origin(msgspec.Struct, frozen=True):
    """Where a message came from: the path of its item, and of the item of each of its calls."""

    path: str
    calls: tuple[str, ...] = ()


Placed = tuple[Message, Origin]


class _Turn:
    """One turn of the assistant, while its items are read."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.thoughts: list[str] = []
        self.texts: list[str] = []
        self.calls: list[ToolCall] = []
        self.calls_at: list[str] = []
        self.results: list[Placed] = []

    def message(self) -> Placed:
        """Return the turn as a message."""
        texts = [text for text in self.texts if text.strip()] if len(self.texts) > 1 else self.texts
        message = Message(
            "assistant",
            "\n\n".join(texts),
            reasoning="\n".join(self.thoughts),
            tool_calls=tuple(self.calls),
        )
        return message, Origin(self.path, tuple(self.calls_at))


def read_input(asked: wire.ResponsesRequest, sealer: Sealer) -> list[Placed]:
    """Return the messages of a request with their origins; raises `InvalidRequest` and `Unsupported`.

    `sealer` opens the thoughts in `encrypted_content`.
    """
    head: list[Placed] = []
    if asked.instructions:
        head.append((Message("system", asked.instructions), Origin("instructions")))
    if asked.input is None:
        raise required("input")
    if isinstance(asked.input, str):
        return [*head, (Message("user", asked.input), Origin("input"))]
    reader = _Reader(sealer)
    for i, item in enumerate(asked.input):
        reader.add(item, f"input[{i}]")
    messages = reader.messages()
    if not messages:
        raise InvalidRequest("input must hold at least one message.", param="input")
    return head + messages


class _Reader:
    """Takes the items one after the other."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._turns: list[_Turn | Placed] = []
        self._open: _Turn | None = None
        self._callers: dict[str, _Turn] = {}

    def add(self, item: dict[str, Any], at: str) -> None:
        """Take one item, which stood at the path `at`."""
        kind = item.get("type")
        if kind is None:
            kind = "message" if "role" in item else "item_reference" if "id" in item else ""
        elif not isinstance(kind, str):
            raise InvalidRequest(f"The field '{at}.type' must be a string.", param=f"{at}.type")
        if kind == "message":
            self._message(as_(wire.Message, item, at), at)
        elif kind == "reasoning":
            self._reasoning(item, at)
        elif kind == "function_call":
            call = as_(wire.FunctionCall, item, at)
            self._call(call.call_id, shown(call.name, call.namespace), call.arguments or "", at)
        elif kind == "custom_tool_call":
            free = as_(wire.CustomCall, item, at)
            self._call(free.call_id, shown(free.name, free.namespace), custom.encoded(free.input or ""), at)
        elif kind in _OUTPUTS:
            output = as_(wire.CallOutput, item, at)
            told = output.output
            self._output(output.call_id, _parts(told, f"{at}.output") if isinstance(told, list) else told or "", at)
        elif kind in LOCAL:
            name, field = LOCAL[kind]
            action = item.get(field)
            self._call(_call_id(item, at), name, _json(action if isinstance(action, dict) else {}), at)
        elif kind.removesuffix("_output") in LOCAL:
            self._output(_call_id(item, at), _json(item.get("output")), at)
        elif kind == "item_reference":
            raise Unsupported(
                f"{at} refers to a stored item, but this server stores none: send the item itself.", param=at
            )
        elif not kind:
            raise required(f"{at}.type")
        elif "role" in item and "content" in item:
            raise InvalidRequest(
                f"{at} has a role and content, so its type must be 'message', not '{kind}'.", param=f"{at}.type"
            )

    def messages(self) -> list[Placed]:
        """Return what was taken. A thought that nothing followed is kept only at the end, where it is continued."""
        out: list[Placed] = []
        for turn in self._turns:
            if not isinstance(turn, _Turn):
                out.append(turn)
            elif turn.texts or turn.calls or turn is self._turns[-1]:
                out.append(turn.message())
                out += turn.results
        return out

    def _message(self, message: wire.Message, at: str) -> None:
        parts = message.content
        content = _parts(parts, f"{at}.content", message.role) if isinstance(parts, list) else parts
        if message.role == "assistant":
            if isinstance(content, tuple):
                content = "".join(part.text for part in content if isinstance(part, TextPart))
            turn = self._assistant(at)
            if turn.texts and not turn.calls:
                turn = self._begin(at)
            turn.texts.append(content or "")
            return
        if message.role not in ROLES:
            raise InvalidRequest(
                f"{at}.role must be one of {', '.join(sorted(ROLES | {'assistant'}))}, not '{message.role}'.",
                param=f"{at}.role",
            )
        if not content and content != "":
            require_words(message.role, message.name, at)
        self._open = None
        self._turns.append((Message(message.role, content or "", message.name), Origin(at)))  # type: ignore[arg-type]

    def _reasoning(self, item: dict[str, Any], at: str) -> None:
        if thought := _thought(item, self._sealer):
            turn = self._assistant(at)
            if turn.texts and not turn.calls:
                turn = self._begin(at)
            turn.thoughts.append(thought)

    def _call(self, call_id: str, name: str, arguments: str, at: str) -> None:
        turn = self._assistant(at)
        turn.calls.append(ToolCall(call_id, name, arguments))
        turn.calls_at.append(at)
        self._callers[call_id] = turn

    def _output(self, call_id: str | None, content: str | tuple[Part, ...], at: str) -> None:
        last = next((turn for turn in reversed(self._turns) if isinstance(turn, _Turn)), None)
        caller = last if call_id is None else self._callers.get(call_id)
        if caller is None:
            raise InvalidRequest(
                f"{at} answers the call '{call_id or ''}', which no item before it makes.", param=f"{at}.call_id"
            )
        caller.results.append((Message("tool", content, tool_call_id=call_id), Origin(at)))
        self._open = None

    def _assistant(self, at: str) -> _Turn:
        return self._open or self._begin(at)

    def _begin(self, at: str) -> _Turn:
        turn = self._open = _Turn(at)
        self._turns.append(turn)
        return turn


def _parts(parts: list[wire.Part], at: str, role: str = "tool") -> tuple[Part, ...]:
    read: list[Part] = []
    for j, part in enumerate(parts):
        if part.type in TEXTS or part.type == "refusal":
            text = part.refusal if part.type == "refusal" else part.text
            if text is None:
                field = f"{at}[{j}].{'refusal' if part.type == 'refusal' else 'text'}"
                raise required(field)
            read.append(TextPart(text))
        elif part.type == "input_image":
            if part.image_url is None:
                raise Unsupported(
                    f"{at}[{j}] names a stored file, but this server stores none: send the picture in image_url.",
                    param=f"{at}[{j}].image_url",
                )
            refuse_image(role, f"{at}[{j}]")
            if role == "assistant":
                raise Unsupported(f"{at}[{j}]: a message of the assistant holds no image.", param=f"{at}[{j}]")
            read.append(ImagePart(part.image_url, part.detail))
        else:
            raise Unsupported(
                f"{at}[{j}].type must be input_text, input_image, output_text or refusal, not '{part.type}'.",
                param=f"{at}[{j}].type",
            )
    return tuple(read)


def _thought(item: dict[str, Any], sealer: Sealer) -> str:
    """The thought in a reasoning item; empty where it holds none that this model had.

    What is sealed for another service's eyes cannot be read, and its summary is not this model's thought.
    """
    try:
        reasoning = msgspec.convert(item, wire.Reasoning)
    except msgspec.ValidationError:
        return ""
    if reasoning.content:
        return "".join(part.text for part in reasoning.content)
    if reasoning.encrypted_content:
        return sealer.open(reasoning.encrypted_content) or ""
    return "\n\n".join(part.text for part in reasoning.summary or ())


def _call_id(item: dict[str, Any], at: str) -> str:
    found = item.get("call_id") or item.get("id")
    if not isinstance(found, str):
        raise required(f"{at}.call_id")
    return found


def _json(value: Any) -> str:
    return value if isinstance(value, str) else _encode(value).decode()
