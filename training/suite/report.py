"""The report of an evaluation: a table for the terminal, and a section of a Markdown file."""

import datetime as dt
import json
import re
from dataclasses import dataclass
from pathlib import Path

WORDS = {
    "fixed": "the vendors' examples and what everybody tries first",
    "every_capital": "the capital of each country",
    "capital": "capitals, also the other way round, and continents",
    "arithmetic": "sums, differences, products, quotients and percentages",
    "arithmetic, thinking": "sums, differences, products, quotients and percentages",
    "arithmetic, straight": "small sums without a thought",
    "drill": "rows of single-digit sums and differences, all right",
    "recall": "what the user said turns ago",
    "reading": "a fact out of a text",
    "system": "language, tone, length and framing that the system text asks for",
    "persona": "who the model is to be, by a system text",
    "name_only": "a system message that has only a name",
    "user_system": "who the user is",
    "group": "the scene of the conversation",
    "cast": "personas and scene together, and plain questions beside them",
    "samples": "answers in the manner of sample messages, with made-up words",
    "speakers": "who of several named speakers said what",
    "hello": "greetings",
    "foreign_greeting": "greetings, thanks, farewells in six languages",
    "foreign_capital": "capitals in six languages",
    "tool_call": "the right tool with every argument right",
    "parallel": "two or three calls, all arguments right",
    "tool_result": "the results' values in the answer",
    "no_tool": "no call where no tool fits",
    "beside_tools": "a plain question beside useless tools",
    "extraction": "every field of a JSON schema right",
    "json_object": "JSON without a schema, every field right",
    "beyond": "an honest refusal in the asker's language",
    "repeat": "copying up to 18 unseen words",
}


@dataclass
class Row:
    """One row: a task, how many were asked, how many were right, the aim, and the mean prompt tokens where they matter."""

    task: str
    n: int
    correct: int
    aim: float | None
    tokens: int | None = None

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.correct / max(1, self.n)

    @property
    def missed(self) -> bool:
        """Whether the aim is missed."""
        return self.aim is not None and self.accuracy < self.aim


def table(rows: list[Row]) -> str:
    """Lay rows out for a terminal; `<` marks a missed aim."""
    lines = [f"{'task':24} {'n':>4} {'correct':>7} {'accuracy':>8} {'aim':>5}"]
    for row in rows:
        aim = f"{row.aim:.0%}" if row.aim is not None else "-"
        tail = (" <" if row.missed else "") + (f"  ({row.tokens} prompt tokens)" if row.tokens else "")
        lines.append(f"{row.task:24} {row.n:>4} {row.correct:>7} {row.accuracy:>8.1%} {aim:>5}{tail}")
    return "\n".join(lines)


def section(rows: list[Row], name: str, command: str, machine: str, seconds: float) -> str:
    """Write a Markdown section under the title `## Accuracy of NAME`."""
    lines = [
        f"## Accuracy of {name}", "",
        f"`{command}`, {dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine}, {seconds:.0f} s.",
        f"{'Sampled' if '--sampled' in command else 'Greedy'} answers. Training never showed these prompts, nor the number pairs and made-up words in them; the first row is trained on.", "",
        "| task | what counts | n | right | aim |", "|---|---|---:|---:|---:|",
    ]  # fmt: skip
    for row in rows:
        what = f"the fact about {row.tokens} tokens back" if row.tokens else WORDS.get(row.task, "")
        aim = f"{row.aim:.0%}" if row.aim is not None else ""
        lines.append(f"| {row.task} | {what} | {row.n} | {row.accuracy:.1%} | {aim} |")
    return "\n".join(lines) + "\n"


def write(path: Path, rows: list[Row], text: str, name: str) -> None:
    """Put a section in the place of its older self in a Markdown file, or rows in a JSON file."""
    if path.suffix != ".md":
        plain = [{**vars(row), "accuracy": round(row.accuracy, 4)} for row in rows]
        path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
        return
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    mine = re.compile(rf"^## Accuracy of {re.escape(name)}\n.*?(?=^## |\Z)", re.DOTALL | re.MULTILINE)
    found = mine.search(old)
    new = old[: found.start()] + text + "\n" + old[found.end() :] if found else old.rstrip("\n") + "\n\n" + text
    path.write_text(new.strip("\n") + "\n", encoding="utf-8")
