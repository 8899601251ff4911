"""The budgets of the design, and where a measured value stands to them."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Budget(NamedTuple):
    """One bar: the value must be at least (or at most) `bar`, in `unit`."""

    what: str
    side: Literal["≥", "≤"]
    bar: float
    unit: str

    def holds(self, value: float) -> bool:
        """Whether the value is within the budget."""
        return value >= self.bar if self.side == "≥" else value <= self.bar


BUDGETS = {
    "frames": Budget("streamed frames through the whole road, one core", "≥", 150_000, "/s"),
    "requests": Budget("whole (unstreamed) requests, one core, instant engine", "≥", 6_000, "/s"),
    "added_p50": Budget("added to the first byte, concurrency 1, p50", "≤", 0.3, "ms"),
    "added_p99": Budget("added to the first byte, concurrency 1, p99", "≤", 1.0, "ms"),
    "ratio_1": Budget("tokens/s against the engine alone, 1 stream", "≥", 0.98, ""),
    "ratio_16": Budget("tokens/s against the engine alone, 16 streams", "≥", 0.98, ""),
    "cold": Budget("cold start to the first token, demo model", "≤", 2.0, "s"),
    "idle": Budget("memory of the idle API process", "≤", 80.0, "MB"),
    "stream_memory": Budget("memory of each open stream", "≤", 25.0, "kB"),
    "four": Budget("prompt work of n = 4 against n = 1", "≤", 1.3, "times"),
    "cancel_decode": Budget("client gone to slot free, decoding", "≤", 100.0, "ms"),
    "cancel_prompt": Budget("client gone to slot free, reading the prompt, in batches", "≤", 1.0, ""),
    "mask_frame": Budget("masking added per streamed frame, all detectors, p50", "≤", 30, "µs"),
    "session_memory": Budget("memory of each idle WebSocket session, 500 of them", "≤", 50.0, "kB"),
    "slowest_pong": Budget("slowest pong, 500 WebSocket sessions with tasks", "≤", 1.0, "s"),
    "socket_errors": Budget("errors on 500 WebSocket sessions with tasks", "≤", 0, ""),
    "loop_gap": Budget("event loop stalled by the first use of a feature, above rest", "≤", 30, "ms"),
    "kills": Budget("answers that are neither whole nor a clear error, 50 kills", "≤", 0, ""),
}


def figure(value: float) -> str:
    """Write a number with three figures that count."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.2f}"


def table(values: dict[str, float]) -> list[str]:
    """Return a Markdown table of the budgets that were measured, bar beside value."""
    lines = ["| budget | bar | measured | |", "|---|---|---|---|"]
    for key, budget in BUDGETS.items():
        if key in values:
            bar = f"{budget.side} {figure(budget.bar)} {budget.unit}".strip()
            verdict = "holds" if budget.holds(values[key]) else "**missed**"
            lines.append(f"| {budget.what} | {bar} | {figure(values[key])} {budget.unit}".rstrip() + f" | {verdict} |")
    return lines
