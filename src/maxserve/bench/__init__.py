"""Benchmarks: drives any OpenAI-compatible address, and a second one in turns with it."""

from .ceiling import Ceiling, measure_ceiling
from .comparison import Comparison, Level, Side, measure
from .driver import Limits, drive
from .loop import loop_factory
from .question import first_model
from .report import Machine, Report, columns, now, number
from .run import Run, Summary
from .target import Target
from .workload import PROMPT, Workload

__all__ = [
    "Ceiling", "Comparison", "Level", "Limits", "Machine", "PROMPT", "Report", "Run", "Side", "Summary", "Target",
    "Workload", "columns", "drive", "first_model", "loop_factory", "measure", "measure_ceiling", "now", "number",
]  # fmt: skip
