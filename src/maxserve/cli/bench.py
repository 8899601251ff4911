"""`maxserve bench`: measure the speed of any OpenAI-compatible address, or of two in turns."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from .. import __version__
from ..bench import (
    PROMPT,
    Ceiling,
    Level,
    Limits,
    Machine,
    Report,
    Side,
    Target,
    Workload,
    first_model,
    loop_factory,
    measure,
    measure_ceiling,
    now,
)

_KEY = "MAXSERVE_BENCH_KEY"
_EPILOG = (
    "Every request costs its address real work, and money where it is a vendor's: be polite. A run ends after "
    "--requests answers or --duration seconds per concurrency and address, whichever comes first. Exit code 1: "
    "nothing was answered."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the address and what bounds the run."""
    parser.epilog = _EPILOG
    add = parser.add_argument
    add("url", metavar="URL", help="a server, its base up to /v1, or its completions endpoint")
    add("--against", metavar="URL", help="a second address, measured in turns with the first")
    add("--model", help="the model to ask for (default: the first that the address lists)")
    add("--against-model", metavar="MODEL", help="the second address's name for it (default: --model)")
    add("--concurrency", type=_levels, default=[1, 16], metavar="N,N", help="requests in flight, one run each (1,16)")
    add("--requests", type=_positive(int), default=64, metavar="N", help="requests per concurrency and address (64)")
    add("--duration", type=_positive(float), default=30.0, metavar="S", help="seconds per concurrency and address (30)")
    add(
        "--timeout", type=_positive(float), default=120.0, metavar="S", help="seconds until an answer is an error (120)"
    )
    add("--rounds", type=_positive(int), default=5, metavar="N", help="turns of each address with --against (5)")
    add("--warmup", type=int, default=2, metavar="N", help="requests before, not measured (2)")
    add("--max-tokens", type=_positive(int), default=128, metavar="N", help="tokens per answer at most (128)")
    add("--prompt", default=PROMPT, metavar="FILE|TEXT", help="the user's message, or a file that holds it")
    add("--fresh", action="store_true", help="begin each prompt with its number, so that no prefix cache helps")
    add("--seed", type=int, metavar="N", help="request i draws with seed N + i: both addresses write the same answers")
    add("--temperature", type=float, metavar="T", help="sampling temperature (default: the model's own)")
    add(
        "--stream", action=argparse.BooleanOptionalAction, default=True, help="streamed answers (default) or whole ones"
    )
    add("--key", help=f"bearer token; better in the environment, as {_KEY}")
    add("--against-key", metavar="KEY", help="bearer token of the second address (default: none)")
    add("--json", type=Path, metavar="FILE", help="also write the report as JSON; - writes it instead of the tables")


def run(args: argparse.Namespace) -> int:
    """Measure, print the tables and write the report; Ctrl-C prints what was measured so far."""
    try:
        first = Target.parse(args.url, args.key or os.environ.get(_KEY))
        targets = [first, *([Target.parse(args.against, args.against_key)] if args.against else [])]
        prompt = _prompt(args.prompt)
    except (ValueError, OSError) as error:
        print(f"maxserve bench: {error}", file=sys.stderr)
        return 2
    levels: dict[int, Level] = {}
    ceilings: dict[int, Ceiling] = {}
    models: list[str] = []
    started = now()
    machine = Machine.here()
    code = 0
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_measure(args, targets, prompt, models, levels, ceilings))
    except KeyboardInterrupt:
        code = 130
    except (OSError, LookupError) as error:
        print(f"maxserve bench: {error}", file=sys.stderr)
        code = 1
    if not levels:
        return code or 1
    report = Report(
        version=__version__,
        started=started,
        machine=machine,
        urls=[target.url for target in targets],
        models=models,
        stream=args.stream,
        max_tokens=args.max_tokens,
        levels=[*levels.values()],
        ceilings=[ceilings.get(concurrency) for concurrency in levels],
    )
    _write(report, args.json)
    answered = all(summary.requests for level in report.levels for summary in level.summaries)
    return code or (0 if answered else 1)


async def _measure(
    args: argparse.Namespace,
    targets: list[Target],
    prompt: str,
    models: list[str],
    levels: dict[int, Level],
    ceilings: dict[int, Ceiling],
) -> None:
    """Fill `models`, `levels` and `ceilings` as far as it gets."""
    for target, name in zip(targets, (args.model, args.against_model or args.model), strict=False):
        models.append(name or await first_model(target))
    workload = Workload(
        model="",
        prompt=prompt,
        max_tokens=args.max_tokens,
        stream=args.stream,
        fresh=args.fresh,
        seed=args.seed,
        temperature=args.temperature,
    )
    sides = [Side(t, msgspec.structs.replace(workload, model=m)) for t, m in zip(targets, models, strict=True)]
    limits = Limits(requests=args.requests, duration_s=args.duration, timeout_s=args.timeout)
    rounds = args.rounds if len(sides) == 2 else 1
    for concurrency in args.concurrency:
        async for level in measure(sides, concurrency, limits, rounds, warmup=max(args.warmup, 0)):
            levels[concurrency] = level
            _progress(level, args.rounds if args.against else 1)
        frames = max(round(s.frames_per_answer) for s in levels[concurrency].summaries)
        ceilings[concurrency] = await measure_ceiling(args.stream, frames, concurrency)


def _progress(level: Level, rounds: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if level.rounds == rounds else ""
        print(
            f"\rconcurrency {level.concurrency}: round {level.rounds} of {rounds} ",
            end=end,
            file=sys.stderr,
            flush=True,
        )


def _write(report: Report, path: Path | None) -> None:
    if path == Path("-"):
        sys.stdout.write(report.json().decode())
        return
    sys.stdout.write(report.text())
    if path is not None:
        path.write_bytes(report.json())


def _prompt(value: str) -> str:
    """Return the file's text where `value` names a file, `value` itself otherwise."""
    path = Path(value)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else value
    except OSError as error:
        # A long text is no path: the file system says so in its own way.
        if "\n" in value or len(value) > 255:
            return value
        raise error from None


def _levels(text: str) -> list[int]:
    try:
        levels = [int(part) for part in text.split(",")]
    except ValueError:
        levels = [0]
    if not levels or min(levels) < 1 or len(set(levels)) != len(levels):
        raise argparse.ArgumentTypeError("give whole numbers from 1, each once, with commas between: 1,16")
    return levels


def _positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not 0 < value < 1e9:
            raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
        return value

    return parse
