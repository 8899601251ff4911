"""Tries JSON schemas on llama.cpp before an answer is held to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from ..chat import EngineCrashed, Unsupported
from ..http.client import Response
from . import llama

MARK = "\x02\x03"
"""What the trial of a schema has to begin with; no model writes it unless it is made to."""

KEPT = 1024

LOG_DELAY_S = 0.05

Ask = Callable[[bytes], Awaitable[Response]]


class SchemaProbe:
    """Remembers which schemas the engine can hold an output to.

    Where llguidance cannot compile a schema, llama.cpp only logs that and then writes freely. So each new schema is
    tried on one token: the grammar asks for a mark before the JSON, and where the mark does not come, the grammar
    is not in force. `ask` posts a body to `/completion`.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._wrong: dict[str, str | None] = {}
        self._complaints: list[str] = []

    def hear(self, line: str) -> None:
        """Take a line of the engine's log; llguidance's complaints come that way only."""
        if "llg error" in line:
            self._complaints.append(line.partition("llg error:")[2].strip())
            del self._complaints[:-10]

    async def check(self, schema: dict[str, Any]) -> None:
        """Raise `Unsupported` where an output cannot be held to `schema`."""
        try:
            text = llama.schema_text(schema)
        except RecursionError:
            raise Unsupported("The JSON schema is nested too deeply.") from None
        if text not in self._wrong:
            wrong = await self._try_twice(text)
            while len(self._wrong) >= KEPT:
                del self._wrong[next(iter(self._wrong))]
            self._wrong[text] = wrong
        wrong = self._wrong[text]
        if wrong is not None:
            raise Unsupported(f"The engine cannot hold an answer to this JSON schema: {wrong}")

    async def _try_twice(self, text: str) -> str | None:
        """Try a schema again where the engine ended meanwhile; one that ends it each time is never asked for again."""
        try:
            return await self._try(text)
        except EngineCrashed:
            pass
        try:
            return await self._try(text)
        except EngineCrashed:
            return "the engine ends when it reads it"

    async def _try(self, text: str) -> str | None:
        """Return what is wrong with a schema, None where nothing is."""
        self._complaints.clear()
        mark = "".join(f"\\x{ord(character):02x}" for character in MARK)
        body = {
            "prompt": "{",
            "n_predict": 1,
            "temperature": 0.0,
            "cache_prompt": False,
            "grammar": f"%llguidance {{}}\nstart: /{mark}/ schema\nschema: %json {text}\n",
            "response_fields": ["content"],
        }
        response = await self._ask(msgspec.json.encode(body))
        if response.status != 200:
            return llama.refusal(response.status, response.body).message
        content = msgspec.json.decode(response.body)["content"]
        if content and MARK.startswith(content):
            return None
        await asyncio.sleep(LOG_DELAY_S)  # the reason comes through the log, on another way
        return self._complaints[-1] if self._complaints else "it cannot be compiled"
