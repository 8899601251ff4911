"""The family protocol: how one line of models wants its prompt written and its output read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from ..chat import Constraint, Event, Request, Thinking, Tool


class Prompt(msgspec.Struct, frozen=True):
    """A prompt as the engine gets it.

    `thinking` is the state the output starts in: "open" (inside a thought), "closed" (in the answer), or "free"
    (the model decides: it may open a thought or not).
    """

    text: str
    thinking: Literal["open", "closed", "free"]


class Parser(Protocol):
    """Reads the raw output of one result, in any chunking, and never raises on what a model can write."""

    def feed(self, text: str) -> list[Event]:
        """Take more raw text and return the events that are certain now."""
        ...

    def finish(self) -> list[Event]:
        """Return what was held back; the output has ended."""
        ...

    @property
    def thinking(self) -> bool:
        """Whether the next raw character would still belong to a thought (or to what could open one)."""
        ...

    @property
    def calls(self) -> int:
        """How many tool calls were started so far."""
        ...


class Family(Protocol):
    """One line of models: M2 or M3."""

    name: str
    think_stops: tuple[str, ...]
    """Strings that end a thought: given as stop strings to an engine that should think and then pause."""

    def render(self, request: Request, template: str | None, *, identity: str | None = None) -> Prompt:
        """Write the prompt, with the checkpoint's own `template` where it has one, ours otherwise.

        Normalises first and neutralises control literals. Raises `InvalidRequest` (a conversation that the template
        refuses) and `Unsupported` (parts that the family cannot show).
        """
        ...

    def parser(self, prompt: Prompt, tools: Sequence[Tool], index: int = 0) -> Parser:
        """Return a fresh parser for result `index`; `tools` type the arguments."""
        ...

    def constraint(self, request: Request) -> Constraint | None:
        """What the answer after the thought must be, or None where it is free.

        A response format gives a schema or grammar of the answer; a required or named tool choice a grammar of the
        tool-call block (one call only where parallel calls are off).
        """
        ...

    def resume(self, prompt: Prompt, thought: str) -> Prompt:
        """Return the prompt continued with `thought` (raw text, without end tag) and closed, ready for the answer."""
        ...

    def thinking(self, request: Request) -> Thinking:
        """The mode in force for this request: what it asked for, as far as the family can obey."""
        ...
