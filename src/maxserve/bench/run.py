"""What one run measured, gathered while it runs in a memory that does not grow with the number of frames."""

from __future__ import annotations

from array import array
from collections import Counter

import msgspec

from .answer import Answer
from .histogram import Histogram
from .quantile import Quantiles


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One run, or several of the same kind together, in numbers.

    Rates are per second of `seconds`. `tokens_per_second` is counted by the answers' usage and None where an answer
    had none; `frames_per_second` counts server-sent events with data. The distributions are in milliseconds:
    `first_byte` and `first_text` from the request's write to the first byte of the body and to the first frame with
    text, `per_token` from the first to the last frame of an answer divided by its further tokens, `gap` between one
    frame and the next, `total` to the end of the answer. `cut` requests were still running when the time was up;
    their frames count, they do not.
    """

    seconds: float
    requests: int
    errors: int
    cut: int
    requests_per_second: float
    tokens_per_second: float | None
    prompt_tokens_per_second: float | None
    frames_per_second: float
    frames_per_answer: float
    first_byte: Quantiles | None
    first_text: Quantiles | None
    per_token: Quantiles | None
    gap: Quantiles | None
    total: Quantiles | None
    reasons: dict[str, int]


class Run:
    """Counts and times of the answers so far; times are kept in milliseconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.requests = 0
        self.cut = 0
        self.frames = 0
        self.whole_frames = 0
        self.tokens = 0
        self.prompt_tokens = 0
        self.uncounted = 0
        self.reasons: Counter[str] = Counter()
        self.first_byte = array("d")
        self.first_text = array("d")
        self.per_token = array("d")
        self.total = array("d")
        self.gap = Histogram()

    def add(self, answer: Answer, end: float) -> None:
        """Count an answer that ended at `end`, well or with an error."""
        self.frames += answer.frames
        if answer.error is not None:
            self.reasons[answer.error] += 1
            return
        self.requests += 1
        self.whole_frames += answer.frames
        self.total.append((end - answer.start) * 1e3)
        if answer.first_byte:
            self.first_byte.append((answer.first_byte - answer.start) * 1e3)
        if answer.first_text:
            self.first_text.append((answer.first_text - answer.start) * 1e3)
        if answer.tokens is None:
            self.uncounted += 1
        else:
            self.tokens += answer.tokens
            self.prompt_tokens += answer.prompt_tokens or 0
        pieces = answer.frames if answer.tokens is None else answer.tokens
        if answer.first_text and pieces > 1:
            self.per_token.append((answer.last_text - answer.first_text) * 1e3 / (pieces - 1))
        for gap, count in answer.gaps:
            self.gap.add(gap * 1e3, count)

    def fail(self, reason: str, answer: Answer | None = None) -> None:
        """Count a request that got no whole answer."""
        self.reasons[reason] += 1
        if answer is not None:
            self.frames += answer.frames

    def abandon(self, answer: Answer) -> None:
        """Count a request that still ran when the time was up."""
        self.cut += 1
        self.frames += answer.frames

    def merge(self, other: Run) -> None:
        """Add another run of the same kind; their times are added, as they ran one after the other."""
        self.seconds += other.seconds
        self.requests += other.requests
        self.cut += other.cut
        self.frames += other.frames
        self.whole_frames += other.whole_frames
        self.tokens += other.tokens
        self.prompt_tokens += other.prompt_tokens
        self.uncounted += other.uncounted
        self.reasons.update(other.reasons)
        for name in ("first_byte", "first_text", "per_token", "total"):
            getattr(self, name).extend(getattr(other, name))
        self.gap.merge(other.gap)

    def summary(self) -> Summary:
        """Return the run in numbers."""
        seconds = max(self.seconds, 1e-9)
        counted = self.requests > 0 and not self.uncounted
        return Summary(
            seconds=self.seconds,
            requests=self.requests,
            errors=self.reasons.total(),
            cut=self.cut,
            requests_per_second=self.requests / seconds,
            tokens_per_second=self.tokens / seconds if counted else None,
            prompt_tokens_per_second=self.prompt_tokens / seconds if counted else None,
            frames_per_second=self.frames / seconds,
            frames_per_answer=self.whole_frames / self.requests if self.requests else 0.0,
            first_byte=Quantiles.of(self.first_byte),
            first_text=Quantiles.of(self.first_text),
            per_token=Quantiles.of(self.per_token),
            gap=self.gap.quantiles(),
            total=Quantiles.of(self.total),
            reasons=dict(self.reasons.most_common()),
        )
