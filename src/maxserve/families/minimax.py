"""What M2 and M3 share as families: everything but tags, modes and the syntax of calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from ..chat import Constraint, Request, Thinking, Tool
from .constraint import constraint
from .family import Parser, Prompt
from .grammar import Syntax
from .normalise import conversation
from .reader import Reader
from .template import own, write


class MiniMax(ABC):
    """A family; `M2` and `M3` fill in the differences. Stateless, so one instance serves all."""

    name: str
    think_stops: tuple[str, ...]
    READER: ClassVar[type[Reader]]
    SYNTAX: ClassVar[Syntax]
    ROOT: ClassVar[bool]
    OPEN: ClassVar[str]
    """What opens a thought, as the generation prompt writes it."""
    CLOSE: ClassVar[str]
    """What closes one, as it stands before an answer."""
    BREAK: ClassVar[str]
    """What stands between a thought and its end tag."""

    def render(self, request: Request, template: str | None, *, identity: str | None = None) -> Prompt:
        """Write the prompt, with the checkpoint's own `template` where it has one, ours otherwise.

        A conversation that ends with an assistant's message without calls is continued: its text (or, where it has
        none, its thought) is the beginning of what the model writes.
        """
        told = conversation(request, root=self.ROOT)
        variables: dict[str, Any] = {
            "messages": told.messages,
            "tools": told.tools,
            "add_generation_prompt": True,
            **self._variables(request, identity),
        }
        text = write(template or own(self.name), variables)
        prompt = Prompt(text, self._state(text))
        if told.prefill is None:
            return prompt
        content, thought = told.prefill["content"], told.prefill.get("reasoning_content", "")
        if content:
            answering = self.resume(prompt, self._opened(prompt, thought)) if prompt.thinking != "closed" else prompt
            return Prompt(answering.text + content, "closed")
        if prompt.thinking == "closed":
            return prompt
        return Prompt(prompt.text + self._opened(prompt, thought), "open")

    def parser(
        self, prompt: Prompt, tools: Sequence[Tool], index: int = 0, *, ids: Callable[[int], str] | None = None
    ) -> Parser:
        """Return a fresh parser for result `index`; `tools` type the arguments, `ids` makes the calls' ids."""
        fresh = prompt.thinking != "closed" or prompt.text.rstrip("\n").endswith(self.CLOSE.rstrip("\n"))
        return self.READER(prompt.thinking, tools, index, fresh=fresh, ids=ids)

    def constraint(self, request: Request) -> Constraint | None:
        """What the answer after the thought must be, or None where it is free."""
        return constraint(request, self.SYNTAX)

    def resume(self, prompt: Prompt, thought: str) -> Prompt:
        """Return the prompt continued with `thought` (raw text, without end tag) and closed, ready for the answer.

        Where the model was free to think and wrote something else than a thought, that is left out.
        """
        if prompt.thinking == "closed":
            return prompt
        if prompt.thinking == "free" and not thought.lstrip().startswith(self.OPEN.rstrip("\n")):
            thought = ""
        thought = thought.rstrip("\r\n") if self.BREAK else thought
        return Prompt(prompt.text + thought + (self.BREAK if thought else "") + self.CLOSE, "closed")

    @abstractmethod
    def thinking(self, request: Request) -> Thinking:
        """The mode in force for this request: what it asked for, as far as the family can obey."""

    @abstractmethod
    def _variables(self, request: Request, identity: str | None) -> dict[str, Any]:
        """The template's variables of this family."""

    def _opened(self, prompt: Prompt, thought: str) -> str:
        """Return a thought as it goes on from the prompt: with its start tag where the prompt has not opened it."""
        return self.OPEN + thought if thought and prompt.thinking == "free" else thought

    @classmethod
    def _state(cls, text: str) -> Literal["open", "closed", "free"]:
        """Return what the end of a prompt says: only its end, since its middle may speak of tags."""
        end = text[-64:].rstrip()
        if end.endswith(cls.CLOSE.rstrip()):
            return "closed"
        return "open" if end.endswith(cls.OPEN.rstrip()) else "free"
