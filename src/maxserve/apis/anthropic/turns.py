"""Reads the messages: turns made of blocks become messages of the common language.

Consecutive messages of one role are one turn, as Anthropic has it. A user's turn may hold results of tools beside
text: they become messages of their own, before the text. Of an assistant's turn the order between text and calls is
not kept: the model's own format puts the text first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import cast, get_args

import msgspec

from ...chat import ImagePart, InvalidRequest, Message, Part, Role, TextPart, ToolCall, Unsupported
from ..validation import required
from . import wire
from .signature import Signer

_encode = msgspec.json.Encoder().encode
_SAMPLES = ("sample_message_user", "sample_message_ai")
_SPECIAL = ("user_system", "group", *_SAMPLES)
ROLES = ("user", "assistant", "system", *_SPECIAL)
_NEARBY = 40
"""How many characters in a failed tool's result may say so itself."""
assert frozenset(ROLES) <= frozenset(get_args(Role))


def messages(asked: wire.MessagesRequest, signer: Signer) -> tuple[Message, ...]:
    """Return the conversation, the system text first; raises `InvalidRequest` and `Unsupported`, naming the field."""
    if not asked.messages:
        raise InvalidRequest("messages must hold at least one message.", param="messages")
    read: list[Message] = []
    if asked.system:
        read.append(Message("system", _text(asked.system)))
    calls: frozenset[str] = frozenset()
    for (role, name), group in groupby(enumerate(asked.messages), lambda item: (item[1].role, item[1].name)):
        turn = list(group)
        if role == "user":
            read += _user(turn, name, calls)
            calls = frozenset()
        elif role == "assistant":
            message, systems = _assistant(turn, name, signer)
            read += [*systems, message]
            calls = frozenset(call.id for call in message.tool_calls)
        elif role in ROLES:
            read += [_other(message, i) for i, message in turn]
        else:
            field = f"messages[{turn[0][0]}].role"
            raise InvalidRequest(f"{field} must be one of {', '.join(ROLES)}, not '{role}'.", param=field)
    return tuple(read)


def _user(turn: Sequence[tuple[int, wire.Message]], name: str | None, calls: frozenset[str]) -> list[Message]:
    results: list[Message] = []
    systems: list[Message] = []
    parts: list[Part] = []
    for i, message in turn:
        for j, block in _blocks(message, i):
            match block:
                case wire.Text(text):
                    parts.append(TextPart(text))
                case wire.Image(source):
                    parts.append(_image(source))
                case wire.Result():
                    results.append(_result(block, f"messages[{i}].content[{j}]", calls))
                case wire.MidSystem(content):
                    systems.append(Message("system", _text(content)))
                case _:
                    raise _misplaced(block, i, j, "a user's message")
    said = [Message("user", _content(parts), name=name)] if parts or not (results or systems) else []
    return [*results, *systems, *said]


def _assistant(
    turn: Sequence[tuple[int, wire.Message]], name: str | None, signer: Signer
) -> tuple[Message, list[Message]]:
    thoughts: list[str] = []
    texts: list[str] = []
    calls: list[ToolCall] = []
    systems: list[Message] = []
    for i, message in turn:
        for j, block in _blocks(message, i):
            match block:
                case wire.Text(text):
                    texts.append(text)
                case wire.Thought(thinking, signature):
                    if thought := signer.verified(thinking, signature):
                        thoughts.append(thought)
                case wire.Redacted():
                    pass  # another service's thought, which only that service can read
                case wire.Use(id, tool, input):
                    if any(call.id == id for call in calls):
                        field = f"messages[{i}].content[{j}].id"
                        raise InvalidRequest(f"{field} is the id of an earlier call: '{id}'.", param=field)
                    calls.append(ToolCall(id, tool, _encode(input or {}).decode()))
                case wire.MidSystem(content):
                    systems.append(Message("system", _text(content)))
                case _:
                    raise _misplaced(block, i, j, "an assistant's message")
    said = Message("assistant", "".join(texts), name=name, reasoning="\n\n".join(thoughts), tool_calls=tuple(calls))
    return said, systems


def _other(message: wire.Message, i: int) -> Message:
    texts: list[str] = []
    named = message.content is None and message.name and message.role not in _SAMPLES
    for j, block in () if named else _blocks(message, i):
        if not isinstance(block, wire.Text):
            raise _misplaced(block, i, j, f"a message of role {message.role}")
        texts.append(block.text)
    return Message(cast("Role", message.role), _joined(texts), name=message.name)


def _blocks(message: wire.Message, i: int) -> Iterable[tuple[int, wire.Block]]:
    content = message.content
    if content is None:
        raise required(f"messages[{i}].content")
    return enumerate([wire.Text(content)] if isinstance(content, str) else content)


def _result(block: wire.Result, field: str, calls: frozenset[str]) -> Message:
    if block.tool_use_id not in calls:
        raise InvalidRequest(
            f"{field}.tool_use_id is '{block.tool_use_id}', but the assistant's turn before it has no tool_use with"
            " that id.",
            param=f"{field}.tool_use_id",
        )
    content = block.content or ""
    said: str | tuple[Part, ...]
    if isinstance(content, str):
        said = content
    else:
        said = _content([TextPart(p.text) if isinstance(p, wire.Text) else _image(p.source) for p in content])
    if block.is_error and isinstance(said, str) and "error" not in said[:_NEARBY].lower():
        # MiniMax's format has no mark for a failed call: its result must say so.
        said = f"Error: {said}"
    return Message("tool", said, tool_call_id=block.tool_use_id)


def _image(source: wire.Base64 | wire.Url) -> ImagePart:
    if isinstance(source, wire.Url):
        return ImagePart(source.url)
    return ImagePart(f"data:{source.media_type};base64,{source.data}")


def _misplaced(block: wire.Block, i: int, j: int, where: str) -> Unsupported:
    field = f"messages[{i}].content[{j}].type"
    kind = block.__struct_config__.tag
    return Unsupported(f"{field} is '{kind}', which has no place in {where}.", param=field)


def _text(content: str | list[wire.Text]) -> str:
    return content if isinstance(content, str) else _joined([block.text for block in content])


def _content(parts: Sequence[Part]) -> str | tuple[Part, ...]:
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    return _joined(texts) if len(texts) == len(parts) else tuple(parts)


def _joined(texts: Iterable[str]) -> str:
    """Return the texts as one, with a line break at seams that have no white space: blocks are separate texts."""
    whole = ""
    for text in texts:
        if whole and text and not (whole[-1].isspace() or text[0].isspace()):
            whole += "\n"
        whole += text
    return whole
