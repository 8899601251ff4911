"""A request's messages become what templates know: one system text, then user, assistant and tool turns.

Every text that a caller may set is neutralised on the way (see `literals`), after texts were joined and thoughts taken
out of them, so no control literal can be put together from pieces (docs/wire/minimax.md §4.3, §13, §17.9-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ..chat import ImagePart, InvalidRequest, Message, Part, Request, Tool, ToolCall, Unsupported
from .literals import neutralise, neutralise_arguments, neutralise_json, neutralise_response
from .roles import DEFAULT, SPECIAL, folded, instruction, system
from .thought import split

Turn = dict[str, Any]
"""A message as templates want it: role, content, and for assistants reasoning_content and tool_calls."""

_SYSTEM = ("system", "developer")
_DEPTH = 64


class Conversation(msgspec.Struct, frozen=True):
    """What a template is given. `prefill` is the begun answer that the model should go on with, None where none is."""

    messages: list[Turn]
    tools: list[dict[str, Any]] | None
    prefill: Turn | None = None


def conversation(request: Request, *, root: bool = False) -> Conversation:
    """Normalise a request; `root` says whether the family's template knows the role root (M3's does).

    Raises `InvalidRequest` and `Unsupported` with the path of the field at fault.
    """
    if not request.messages:
        raise InvalidRequest("messages must hold at least one message.", param="messages")
    roots: list[tuple[str | None, str]] = []
    systems: list[tuple[str | None, str]] = []
    special: list[tuple[str, str | None, str]] = []
    turns: list[tuple[int, Message, str]] = []
    for at, message in enumerate(request.messages):
        role = message.role
        content = message.content
        text = content if isinstance(content, str) else _text(content, at)
        if role in ("user", "assistant", "tool"):
            turns.append((at, message, text))
        elif role in _SYSTEM or (role == "root" and not root):
            systems.append((message.name, text))
        elif role == "root":
            roots.append((message.name, text))
        elif role in SPECIAL:
            special.append((role, message.name, text))
    told = "\n\n".join(part for part in (system(systems), folded(special)) if part)
    if asked := instruction(request.response_format):
        told = f"{told or DEFAULT}\n\n{asked}"
    messages: list[Turn] = []
    if origin := system(roots):
        messages.append({"role": "root", "content": neutralise(origin)})
    if told:
        messages.append({"role": "system", "content": neutralise(told)})
    _add_turns(turns, messages)
    prefill = None
    if turns and turns[-1][1].role == "assistant" and not turns[-1][1].tool_calls:
        prefill = messages.pop()
        if not prefill["content"] and not prefill.get("reasoning_content"):
            prefill = None
    return Conversation(messages, _shown(request), prefill)


def _text(parts: Sequence[Part], at: int) -> str:
    texts = []
    for number, part in enumerate(parts):
        if isinstance(part, ImagePart):
            param = f"messages[{at}].content[{number}]"
            raise Unsupported("This model reads text only: it cannot see images.", param=param)
        texts.append(part.text)
    return "".join(texts)


def _add_turns(turns: Sequence[tuple[int, Message, str]], out: list[Turn]) -> None:
    named = {(message.role, message.name) for _, message, _ in turns if message.name}
    roles = [role for role, _ in named]
    several = {role for role in roles if roles.count(role) > 1}
    number = 0
    while number < len(turns):
        at, message, text = turns[number]
        number += 1
        label = f"{message.name}: " if message.name and message.role in several else ""
        if message.role == "user":
            out.append({"role": "user", "content": neutralise(label + text)})
        elif message.role == "assistant":
            out.append(_assistant(at, message, label, text))
            results = number
            while number < len(turns) and turns[number][1].role == "tool":
                number += 1
            if number > results:
                _add_results(at, message, turns[results:number], out)
        else:
            raise _orphan(at)


def _assistant(at: int, message: Message, label: str, text: str) -> Turn:
    reasoning, text = split(text, message.reasoning)
    turn: Turn = {"role": "assistant", "content": neutralise(label + text if text else text)}
    if reasoning:
        turn["reasoning_content"] = neutralise(reasoning)
    if message.tool_calls:
        turn["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": neutralise(call.name),
                    "arguments": _arguments(call, f"messages[{at}].tool_calls[{j}].function.arguments"),
                },
            }
            for j, call in enumerate(message.tool_calls)
        ]
    return turn


def _arguments(call: ToolCall, param: str) -> dict[str, Any]:
    if not call.arguments.strip():
        return {}
    try:
        value = msgspec.json.decode(call.arguments)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise InvalidRequest(f"{param} is not valid JSON: {error}.", param=param) from error
    if not isinstance(value, dict):
        raise InvalidRequest(f"{param} must be a JSON object.", param=param)
    if _deep(value):
        raise InvalidRequest(f"{param} is nested more than {_DEPTH} levels deep.", param=param)
    arguments: dict[str, Any] = neutralise_arguments(value)
    return arguments


def _deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _add_results(at: int, caller: Message, results: Sequence[tuple[int, Message, str]], out: list[Turn]) -> None:
    """Put the results into the order of the calls, which is all that the template shows; a missing one is empty.

    A result without an id belongs to the first call that has none yet; several with one id are one result.
    """
    if not caller.tool_calls:
        raise _orphan(results[0][0])
    found: list[list[str]] = [[] for _ in caller.tool_calls]
    loose: list[tuple[int, str]] = []
    for number, message, text in results:
        if not message.tool_call_id:
            loose.append((number, text))
            continue
        places = [i for i, call in enumerate(caller.tool_calls) if call.id == message.tool_call_id]
        if not places:
            raise InvalidRequest(
                f"messages[{number}] answers a tool call '{message.tool_call_id}' that messages[{at}] did not make.",
                param=f"messages[{number}].tool_call_id",
            )
        found[next((i for i in places if not found[i]), places[-1])].append(text)
    for number, text in loose:
        place = next((i for i, texts in enumerate(found) if not texts), None)
        if place is None:
            raise _orphan(number)
        found[place].append(text)
    out.extend({"role": "tool", "content": neutralise_response("\n".join(texts))} for texts in found)


def _orphan(at: int) -> InvalidRequest:
    return InvalidRequest(
        f"messages[{at}] is a tool result, but no assistant message with an open tool call precedes it.",
        param=f"messages[{at}]",
    )


def _shown(request: Request) -> list[dict[str, Any]] | None:
    if not request.tools or request.tool_choice.mode == "none":
        return None
    return [{"type": "function", "function": neutralise_json(_function(tool))} for tool in request.tools]


def _function(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    function["parameters"] = tool.parameters or {"type": "object", "properties": {}}
    return function
