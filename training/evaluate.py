"""Evaluation asks a checkpoint what training never showed it, and counts the right answers.

    python -m training.evaluate --gguf src/maxserve/checkpoints/demo-m2.gguf --family m2
    python -m training.evaluate --base-url http://127.0.0.1:8080/v1 --model MiniMax-M3 --family m3

Numbers, made-up words and whole prompts are held out by a stable hash (`training.generator.split`). Answers are greedy.
"""

import argparse
import json
import platform
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from training.generator import Example
from training.suite.api import Api
from training.suite.backend import Answer, Backend, Gguf
from training.suite.mark import right
from training.suite.questions import SECTIONS, Section, questions
from training.suite.report import Row, section, table, write

Result = tuple[Example, Answer, bool]


def ask(backend: Backend, examples: list[Example], parallel: int) -> list[Result]:
    """Ask all questions of a section, some at a time."""
    with ThreadPoolExecutor(parallel) as pool:
        answers = list(pool.map(backend.answer, examples))
    return [(example, answer, right(example.check, answer)) for example, answer in zip(examples, answers, strict=True)]


def count(name: str, results: list[Result], aim: float | None) -> Row:
    """Count one row of the report."""
    return Row(name, len(results), sum(good for *_, good in results), aim)


def offered(example: Example, answer: Answer) -> bool:
    """Whether every call names a tool and parameters on offer, and gives parameters with choices one of these."""
    shapes = {tool["function"]["name"]: tool["function"]["parameters"]["properties"] for tool in example.tools or []}
    return all(
        name in shapes and all(key in shapes[name] and value in shapes[name][key].get("enum", [value]) for key, value in arguments.items())
        for name, arguments in answer.calls
    )


def manners(family: str, results: list[Result]) -> list[Row]:
    """Count what holds over all answers: thinking as asked, calling what is on offer, and ending by itself."""
    rows = []
    modes = ("enabled", "disabled", "adaptive") if family == "m3" else (None,)
    for mode in modes:
        mine = [(e, a, bool(a.thought) == bool(e.messages[-1].get("reasoning_content")))
                for e, a, _ in results if (e.thinking_mode or ("adaptive" if family == "m3" else None)) == mode]  # fmt: skip
        rows.append(count(f"thinking {mode}" if mode else "thinks first", mine, 1.0))
    called = [(e, a) for e, a, _ in results if a.calls]
    rows.append(count("calls only what is offered", [(e, a, offered(e, a)) for e, a in called], 0.97))
    rows.append(count("ended by itself", [(e, a, a.ended) for e, a, _ in results], 1.0))
    return rows


def failure(example: Example, answer: Answer) -> str:
    """Describe one wrong answer."""
    asked = example.messages[-2]["content"]
    made = f" calls={json.dumps(answer.calls, ensure_ascii=False)}" if answer.calls else ""
    ended = "" if answer.ended else " (did not end)"
    wanted = {key: value for key, value in example.check.items() if key != "schema"}
    return (f"  [{example.task}{'/' + example.thinking_mode if example.thinking_mode else ''}] {asked[-300:]!r}\n    thought {answer.thought[:300]!r}\n"
            f"    content {answer.content[:300]!r}{made}{ended}\n    wanted {json.dumps(wanted, ensure_ascii=False)[:400]}")  # fmt: skip


def evaluate(backend: Backend, family: str, sections: list[Section], given: argparse.Namespace) -> list[Row]:
    """Ask all sections, print as they come, and return the rows."""
    rows: list[Row] = []
    everything: list[Result] = []
    for part in sections:
        results = ask(backend, questions(part, family, given.seed, given.limit), given.parallel)
        everything += results
        rows.append(count(part.name, results, part.aim))
        if part.name == "arithmetic" and family == "m3":
            thinking = [result for result in results if result[0].thinking_mode != "disabled"]
            rows[-1] = count("arithmetic, thinking", thinking, part.aim)
            rows.append(count("arithmetic, straight", [r for r in results if r[0].thinking_mode == "disabled"], None))
        if part.name.startswith("recall_"):
            rows[-1].tokens = sum(answer.tokens for _, answer, _ in results) // max(1, len(results))
        wrong = [(example, answer) for example, answer, good in results if not good]
        for example, answer in wrong[: given.show_failures]:
            print(failure(example, answer), flush=True)
    return rows + manners(family, everything)


def main() -> None:
    """Evaluate a checkpoint or a server and print the table."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--gguf", help="a checkpoint file")
    reader.add_argument("--base-url", help="an OpenAI-compatible server, with its /v1")
    reader.add_argument("--model", help="the model name to ask the server for")
    reader.add_argument("--key", help="the server's API key")
    reader.add_argument("--family", choices=("m2", "m3"), required=True)
    reader.add_argument("--limit", type=int, help="at most so many items of each task")
    reader.add_argument("--only", help="tasks to ask, separated by commas")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--threads", type=int, default=1, help="threads of llama.cpp")
    reader.add_argument("--parallel", type=int, default=8, help="questions at a time")
    reader.add_argument("--sampled", action="store_true", help="answer at default sampling and not greedily (with --gguf)")
    reader.add_argument("--show-failures", type=int, default=0, metavar="N", help="wrong answers to show of each task")
    reader.add_argument("--report", help="write the rows to this file: JSON, or a section of a Markdown file")
    reader.add_argument("--name", help="what the section is about (the checkpoint's name)")
    reader.add_argument("--machine", default=platform.processor() or platform.machine(), help="for the report")
    given = reader.parse_args()
    wanted = set(given.only.split(",")) if given.only else None
    sections = [part for part in SECTIONS if wanted is None or part.name in wanted]
    if bool(given.gguf) == bool(given.base_url):
        reader.error("give either --gguf or --base-url")
    backend: Backend
    if given.gguf:
        backend = Gguf(given.gguf, given.family, given.threads, given.parallel, sampling=given.sampled)
    else:
        backend = Api(given.base_url, given.model or f"demo-{given.family}", given.key)
    began = time.monotonic()
    try:
        rows = evaluate(backend, given.family, sections, given)
    finally:
        backend.close()
    seconds = time.monotonic() - began
    print(table(rows))
    print(f"{seconds:.0f} s; {sum(row.missed for row in rows)} of {sum(row.aim is not None for row in rows)} aims missed")
    if given.report:
        command = "python -m training.evaluate " + " ".join(sys.argv[1:])
        text = section(rows, given.name or f"demo-{given.family}", command, given.machine, seconds)
        write(Path(given.report), rows, text, given.name or f"demo-{given.family}")


if __name__ == "__main__":
    main()
