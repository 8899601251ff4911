"""The whole outcome of `maxserve bench`, as data and as text."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime

import msgspec

from .ceiling import Ceiling
from .comparison import Comparison, Level
from .quantile import Quantiles, Spread


class Machine(msgspec.Struct, frozen=True):
    """Where the load generator ran: `load` is the mean number of runnable processes over the last minute."""

    system: str
    processor: str
    cores: int
    python: str
    load: float | None

    @classmethod
    def here(cls) -> Machine:
        """Describe this machine as it is now."""
        return cls(
            system=f"{platform.system()} {platform.release()}",
            processor=_processor(),
            cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
            python=platform.python_version(),
            load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        )


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` writes. `urls` are the one or two addresses; `started` is ISO 8601, UTC."""

    version: str
    started: str
    machine: Machine
    urls: list[str]
    models: list[str]
    stream: bool
    max_tokens: int
    levels: list[Level]
    ceilings: list[Ceiling | None]

    def json(self) -> bytes:
        """Return the report as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    def text(self) -> str:
        """Return the report as tables for a terminal, one per concurrency."""
        names = ["first", "second"] if len(self.urls) == 2 else [""]
        lines = [
            f"{name + ' ' if name else ''}{url} ({model})"
            for name, url, model in zip(names, self.urls, self.models, strict=True)
        ]
        answers = "streamed" if self.stream else "whole"
        machine = self.machine
        lines.append(
            f"{answers} answers of at most {self.max_tokens} tokens; {machine.processor}, {machine.cores} cores, "
            f"load {'unknown' if machine.load is None else machine.load}"
        )
        for level, ceiling in zip(self.levels, self.ceilings, strict=True):
            lines += ["", *_table(level, names, self.stream), *_notes(level, ceiling, names, self.stream)]
        return "\n".join(lines) + "\n"


def now() -> str:
    """Return the time of a report, ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def columns(rows: list[list[str]]) -> list[str]:
    """Align a table: the first column to the left, numbers to the right, two blanks between."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def number(value: float | None) -> str:
    """Write a number with three figures that count and commas between thousands; a dash for None."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(level: Level, names: list[str], stream: bool) -> list[str]:
    comparison = level.comparison
    head = [f"concurrency {level.concurrency}", *(name or "value" for name in names)]
    rows = [head + (["first / second (least to most)"] if comparison else [])]

    def row(label: str, cells: list[str], spread: Spread | None = None) -> None:
        rows.append([label, *cells, *([_spread(spread)] if comparison else [])])

    def rate(label: str, name: str) -> None:
        row(label, [number(getattr(s, name)) for s in level.summaries], getattr(comparison, name, None))

    def times(label: str, name: str, spread: Spread | None = None) -> None:
        values = [getattr(s, name) for s in level.summaries]
        if any(values):
            row(f"{label} ms, p50", [_time(v, "p50") for v in values], spread)
            row(f"{label} ms, p99", [_time(v, "p99") for v in values])

    rate("requests/s", "requests_per_second")
    rate("tokens/s (by usage)", "tokens_per_second")
    if stream:
        rate("frames/s", "frames_per_second")
        times("first byte", "first_byte", comparison.first_byte_p50 if comparison else None)
        times("first token", "first_text", comparison.first_text_p50 if comparison else None)
        times("between frames", "gap")
        times("per token", "per_token")
    times("whole answer", "total", comparison.total_p50 if comparison else None)
    row("answers", [str(s.requests) for s in level.summaries])
    row("errors", [str(s.errors) for s in level.summaries])
    if any(s.cut for s in level.summaries):
        row("cut by the time limit", [str(s.cut) for s in level.summaries])
    return columns(rows)


def _notes(level: Level, ceiling: Ceiling | None, names: list[str], stream: bool) -> list[str]:
    notes = []
    if level.comparison:
        notes += _added(level.comparison, level.rounds, stream)
    for name, summary in zip(names, level.summaries, strict=True):
        whose = f"{name}: " if name else ""
        if summary.requests and summary.tokens_per_second is None:
            notes.append(f"{whose}not every answer had usage: tokens/s is unknown, frames/s is what was seen")
        notes += [f"{whose}{count} times: {reason}" for reason, count in list(summary.reasons.items())[:5]]
        if ceiling is not None and ceiling.near(summary):
            most = f"{number(ceiling.requests_per_second)} requests/s"
            if ceiling.frames_per_second:
                most += f" or {number(ceiling.frames_per_second)} frames/s"
            notes.append(
                f"{whose}this load generator itself takes at most {most} here: the address may be faster than measured"
            )
    return notes


def _added(comparison: Comparison, rounds: int, stream: bool) -> list[str]:
    firsts = (("first byte p50", comparison.added_first_byte_p50), ("p99", comparison.added_first_byte_p99))
    parts = [
        f"{label} {spread.median:+.2f} ms ({spread.least:+.2f} to {spread.most:+.2f})"
        for label, spread in (*(firsts if stream else ()), ("whole answer p50", comparison.added_total_p50))
        if spread is not None
    ]
    return [f"first minus second over {rounds} rounds: {', '.join(parts)}"] if parts else []


def _spread(spread: Spread | None) -> str:
    return f"{spread.median:.3f} ({spread.least:.3f} to {spread.most:.3f})" if spread is not None else ""


def _time(quantiles: Quantiles | None, name: str) -> str:
    return number(getattr(quantiles, name)) if quantiles is not None else "-"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
