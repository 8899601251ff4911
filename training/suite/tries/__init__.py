"""Hand-written prompts in the manner of first tries, kept apart from training by their fingerprints.

    python -m training.suite.tries     # writes the fingerprints anew after a change of the prompts
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.generator.item import Message, call, say
from training.generator.split import APART, fingerprint

HERE = Path(__file__).parent


@dataclass
class Try:
    """One prompt and the rule that judges its answer (see `training.suite.newcomer`)."""

    ask: str
    kind: str = ""
    language: str = "en"
    says: list[str] = field(default_factory=list)
    """Regular expressions that the answer must hold, all of them; none: only an honest answer is right."""
    honest: bool = True
    """Whether saying that it is a demo model and cannot do this is also a sane answer."""
    history: list[list[str]] = field(default_factory=list)
    """Earlier turns, role and text."""
    system: str | None = None
    tools: list[dict[str, Any]] | None = None
    call: dict[str, Any] | None = None
    """The call to make: its name, and a regular expression for each argument."""
    nocall: bool = False
    loop: list[Any] = field(default_factory=list)
    """A call that was made for this prompt, and its result as text."""
    schema: dict[str, Any] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    """What the object must hold."""
    least: int = 0
    """The fewest words of the answer."""

    @property
    def whole(self) -> str:
        """All that the other side says before the answer, as `training.generator.layout` joins it."""
        return " ".join([*(text for role, text in self.history if role == "user"), self.system or "", self.ask])

    @property
    def messages(self) -> list[Message]:
        """The messages up to the answer."""
        found = [say("system", self.system)] if self.system else []
        found += [say(role, text) for role, text in self.history]
        found.append(say("user", self.ask))
        if self.loop:
            made, result = self.loop
            found += [{**say("assistant", ""), "tool_calls": [call(made["name"], made["arguments"])]}, say("tool", result)]
        return found


def newcomer() -> list[Try]:
    """Return the hundred prompts of a newcomer."""
    lines = (HERE / "newcomer.jsonl").read_text(encoding="utf-8").splitlines()
    return [Try(**json.loads(line)) for line in lines]


def beyond() -> list[Try]:
    """Return the three hundred prompts that a tiny model cannot serve and must refuse honestly."""
    lines = (HERE / "beyond.tsv").read_text(encoding="utf-8").splitlines()
    return [Try(ask, kind, language) for kind, language, ask in (line.split("\t") for line in lines)]


def fingerprints() -> list[str]:
    """Return the fingerprints of all prompts."""
    return sorted({fingerprint(each.whole) for each in (*newcomer(), *beyond())})


def write_fingerprints() -> None:
    """Write the fingerprints where training looks for them."""
    APART.write_text("\n".join(fingerprints()) + "\n", encoding="utf-8")
