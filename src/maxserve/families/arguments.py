"""One call's arguments are written as JSON while the model writes them in its own syntax.

Text of a parameter that is a string goes out as it comes, JSON-escaped; other types are converted when the parameter
ends. Whenever the output stops, `end` makes what was sent one valid JSON object.
"""

from __future__ import annotations

from typing import Any

from ..chat import Tool
from .json_schema import ANY, Kinds, kinds, properties
from .value import container, converted, escaped, quote

_STRING = frozenset(("string",))
_MAYBE_STRING = frozenset(("string", "null"))


class Arguments:
    """Writes one JSON object piece by piece; `take` hands out what is certain since the last time.

    `tool` types the values (None: the tool is not known, and everything is a string). The first of two parameters of
    one name wins, since it may be on its way already.
    """

    __slots__ = ("_held", "_kinds", "_opened", "_out", "_properties", "_skipped", "_stray", "root", "seen")

    def __init__(self, tool: Tool | None) -> None:
        self.root: Any = tool.parameters if tool is not None else {}
        self._properties = properties(self.root, self.root)
        self._out: list[str] = []
        self._held: list[str] | None = None
        self._stray: list[str] = []
        self._kinds: Kinds = ANY
        self._opened = False
        self._skipped = False
        self.seen: set[str] = set()

    def take(self) -> str:
        """Return the JSON text that became certain."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def expects(self, name: str) -> bool:
        """Whether a parameter `name` would make sense now: known and not given yet, or nothing is known."""
        return name not in self.seen and (name in self._properties or not self._properties)

    def knows(self, name: str) -> bool:
        """Whether the tool's schema names the parameter."""
        return name in self._properties

    def schema(self, name: str) -> Any:
        """Return the schema of the parameter `name`, an empty one where it is not known."""
        return self._properties.get(name, {})

    def kinds(self, name: str) -> Kinds:
        """Return the types of the parameter `name`."""
        return kinds(self._properties.get(name), self.root)

    @property
    def streams(self) -> bool:
        """Whether text of the parameter that is open goes out as it comes."""
        return self._opened

    @property
    def is_text(self) -> bool:
        """Whether the open parameter may be free text, in which anything that looks like a tag may be meant."""
        return not self._kinds or bool(self._kinds & {"string", "object", "array"})

    def open(self, name: str) -> None:
        """Begin the parameter `name`."""
        self._kinds = self.kinds(name)
        self._held = []
        self._opened = False
        self._skipped = name in self.seen
        if self._skipped:
            self._held = None
            return
        self._key(name)
        if self._kinds == _STRING:
            self._stream()

    def add(self, text: str) -> None:
        """Take a piece of the open parameter's text."""
        held = self._held
        if held is None:
            if self._opened:
                self._out.append(escaped(text))
            return
        held.append(text)
        if not self._kinds or self._kinds == _MAYBE_STRING:
            begun = "".join(held)
            if not "null".startswith(begun):
                self._stream()
                self._out.append(escaped(begun))

    def close(self) -> None:
        """End the open parameter."""
        held, self._held = self._held, None
        if held is not None:
            self._out.append(converted("".join(held), self._kinds))
        elif self._opened:
            self._out.append('"')
        self._opened = False

    def put(self, name: str, text: str) -> None:
        """Write a whole parameter, `text` being its JSON."""
        if name not in self.seen:
            self._key(name)
            self._out.append(text)

    def stray(self, text: str) -> None:
        """Take text outside of any parameter: a call may be nothing but its arguments as one JSON object."""
        if not self.seen and (self._stray or text.strip()):
            self._stray.append(text)

    def end(self) -> None:
        """Close the object, whatever is open."""
        if self._held is not None or self._opened:
            self.close()
        if self.seen:
            self._out.append("}")
            return
        text = container("".join(self._stray).strip()) if self._stray else None
        self._out.append(text if text is not None and text.startswith("{") else "{}")

    def _key(self, name: str) -> None:
        self._out.append(f"{', ' if self.seen else '{'}{quote(name)}: ")
        self.seen.add(name)

    def _stream(self) -> None:
        self._held = None
        self._opened = True
        self._out.append('"')
