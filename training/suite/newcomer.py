"""The first tries of a newcomer, at the sampling that the server uses when a client does not say how.

    python -m training.suite.newcomer --gguf src/maxserve/checkpoints/demo-m2.gguf --family m2

A hundred prompts of a newcomer (right or honest answers count), three hundred that a tiny model cannot serve (an honest
answer in the asker's language counts), and two hundred that it can (a refusal is wrong). With --fixed, what the README
and the vendors' pages ask comes first, each prompt often.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from training.generator import Example
from training.generator.extraction import SCHEMA_TEXT
from training.generator.item import say
from training.suite import tries
from training.suite.backend import Answer, Gguf
from training.suite.first import first
from training.suite.judge import honest, in_language, sane
from training.suite.mark import right
from training.suite.questions import SECTIONS, questions
from training.suite.tries import Try
from training.tokenizer import load

WITHIN = ("capital", "hello", "small_talk", "definition", "arithmetic", "repeat", "counting", "foreign_capital", "foreign_greeting", "haiku", "recipe", "comparison", "recall", "listing")
"""Tasks that the model can do and that need no tools; their held-out questions make the third set."""


def example(asked: Try) -> Example:
    """Lay a prompt out as the backend wants it."""
    messages = asked.messages
    check = {}
    if asked.schema:
        text = SCHEMA_TEXT.format(schema=json.dumps(asked.schema, separators=(",", ":")))
        messages.insert(0, say("system", "You are a helpful assistant.\n\n" + text))
        check = {"schema": asked.schema}
    return Example("newcomer", [*messages, say("assistant", "")], asked.tools, None, check)


def within(family: str) -> Iterator[Example]:
    """Yield two hundred questions that the model can answer and has not seen."""
    sections = [part for part in SECTIONS if part.name in WITHIN]
    found = [each for part in sections for each in questions(part, family, 1, 15)]
    yield from found[:200]


class Session:
    """One checkpoint with all that it answered."""

    def __init__(self, backend: Gguf, parallel: int) -> None:
        self.backend, self.parallel = backend, parallel
        self.answers: list[Answer] = []

    def ask(self, asked: list[Example]) -> list[Answer]:
        """Ask some at a time, and keep the answers for `manners`."""
        with ThreadPoolExecutor(self.parallel) as pool:
            found = list(pool.map(self.backend.answer, asked))
        self.answers += found
        return found

    def manners(self) -> str:
        """Say how many answers ended by themselves, and how long the thoughts are."""
        tokenizer = load()
        lengths = sorted(len(tokenizer.encode(answer.thought).ids) for answer in self.answers)
        ended = sum(answer.ended for answer in self.answers)
        return f"ended: {ended} of {len(lengths)}; thoughts: p50 {lengths[len(lengths) // 2]}, p99 {lengths[int(0.99 * (len(lengths) - 1))]} tokens"


def share(name: str, good: int, count: int) -> str:
    """Write one line of the result."""
    return f"{name:38} {good:>5} of {count:<5} {good / max(1, count):6.1%}"


def main() -> None:
    """Ask a checkpoint all sets and print what came of it."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--gguf", required=True)
    reader.add_argument("--family", choices=("m2", "m3"), required=True)
    reader.add_argument("--tries", type=int, default=1, help="how often each prompt of the newcomer is asked")
    reader.add_argument("--fixed", type=int, default=0, metavar="N", help="ask each of the vendors' and the README's prompts so often")
    reader.add_argument("--parallel", type=int, default=8)
    reader.add_argument("--show", action="store_true", help="show what is not sane")
    given = reader.parse_args()
    session = Session(Gguf(given.gguf, given.family, slots=given.parallel, sampling=True), given.parallel)
    try:
        for each in first(given.family) if given.fixed else ():
            good = sum(right(each.check, answer) for answer in session.ask([each] * given.fixed))
            if good < given.fixed:
                print(share(f"fixed: {each.messages[-2]['content'][:24]!r} {each.thinking_mode or ''}", good, given.fixed))
        asked = tries.newcomer() * given.tries
        pairs = list(zip(asked, session.ask([example(each) for each in asked]), strict=True))
        bad = [(each, answer) for each, answer in pairs if not sane(each, answer)]
        print(share("newcomer: sane", len(pairs) - len(bad), len(pairs)))
        asked = tries.beyond()
        pairs = list(zip(asked, session.ask([example(each) for each in asked]), strict=True))
        frank = [(each, answer) for each, answer in pairs if answer.ended and honest(answer.content)]
        bad += [(each, answer) for each, answer in pairs if not honest(answer.content)]
        print(share("beyond: honest", len(frank), len(pairs)))
        print(share("beyond: honest, asker's language", sum(in_language(a.content, e.language) for e, a in frank), len(pairs)))
        known = list(within(given.family))
        answers = session.ask(known)
        refused = [e for e, a in zip(known, answers, strict=True) if honest(a.content) and not honest(e.messages[-1]["content"])]
        print(share("within: refused", len(refused), len(known)))
        print(session.manners())
    finally:
        session.backend.close()
    if given.show:
        for each, answer in bad:
            print(f"{each.ask!r} ({each.kind})\n    {answer.thought!r}\n    {answer.content!r} {answer.calls or ''}{'' if answer.ended else ' (did not end)'}", file=sys.stderr)
        for each_refused in refused:
            print(f"refused: {each_refused.messages[-2]['content']!r}", file=sys.stderr)


if __name__ == "__main__":
    main()
