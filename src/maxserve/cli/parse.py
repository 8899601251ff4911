"""`maxserve parse`: print what raw model output becomes, for people who debug."""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

from ..chat import Event, ReasoningDelta, TextDelta, Tool, ToolCallDelta, ToolCallStarted
from .failure import Failure

Start = Literal["open", "closed", "free"]

_STARTS: dict[str, Start] = {"m2": "open", "m3": "free"}
_PIECE = 1 << 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the family, the tools and the form of the output."""
    parser.add_argument("--family", choices=("m2", "m3"), required=True, help="whose output standard input holds")
    parser.add_argument("--tools", type=Path, metavar="TOOLS.json", help="an OpenAI tools array: types the arguments")
    parser.add_argument(
        "--start",
        choices=("open", "closed", "free"),
        help="where the output begins: inside a thought (default for m2), after it, or either (default for m3)",
    )
    parser.add_argument(
        "--events", action="store_true", help="print every event as a line of JSON, as it becomes certain"
    )


def run(args: argparse.Namespace) -> int:
    """Read raw text from standard input; print one JSON object, or a line per event."""
    tools = read_tools(args.tools) if args.tools else ()
    start: Start = args.start or _STARTS[args.family]
    events = parse(args.family, pieces(sys.stdin.buffer), tools, start)
    if args.events:
        for event in events:
            shown = msgspec.to_builtins(event)
            shown.pop("logprobs", None)
            print(msgspec.json.encode(shown).decode(), flush=True)
    else:
        print(msgspec.json.format(msgspec.json.encode(gather(events)), indent=2).decode())
    return 0


def parse(family_name: str, raw: Iterable[str], tools: Sequence[Tool], start: Start) -> Iterator[Event]:
    """Yield the events of raw text that comes in pieces."""
    from ..families import Prompt, family

    lines = family(family_name)
    # The parser looks at nothing but the end of a prompt: an end tag lies there where the thought is over.
    ends = {"m2": "</think>\n\n", "m3": "</mm:think>"}
    parser = lines.parser(Prompt(ends[family_name] if start == "closed" else "", start), tools)
    for piece in raw:
        yield from parser.feed(piece)
    yield from parser.finish()


def gather(events: Iterable[Event]) -> dict[str, Any]:
    """Return the whole answer: reasoning, content, and tool calls with their arguments as objects."""
    reasoning: list[str] = []
    content: list[str] = []
    calls: list[tuple[str, list[str]]] = []
    for event in events:
        if isinstance(event, ReasoningDelta):
            reasoning.append(event.text)
        elif isinstance(event, TextDelta):
            content.append(event.text)
        elif isinstance(event, ToolCallStarted):
            calls.append((event.name, []))
        elif isinstance(event, ToolCallDelta):
            calls[event.call][1].append(event.arguments)
    return {
        "reasoning": "".join(reasoning),
        "content": "".join(content),
        "tool_calls": [{"name": name, "arguments": msgspec.Raw("".join(texts).encode())} for name, texts in calls],
    }


def pieces(stream: IO[bytes]) -> Iterator[str]:
    """Yield text as it arrives; bytes that are no UTF-8 become replacement characters."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    read = getattr(stream, "read1", stream.read)
    while data := read(_PIECE):
        yield decoder.decode(data)
    yield decoder.decode(b"", True)


class _Function(msgspec.Struct):
    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class _Tool(msgspec.Struct):
    function: _Function
    type: Literal["function"] = "function"


def read_tools(path: Path) -> tuple[Tool, ...]:
    """Read an OpenAI tools array; raises `Failure` where it is none."""
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=list[_Tool])
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror or error}.") from error
    except msgspec.DecodeError as error:
        raise Failure(f"{path} is not an array of tools: {error}.") from error
    functions = [tool.function for tool in listed]
    return tuple(Tool(f.name, f.description, f.parameters or {}, bool(f.strict)) for f in functions)
