"""The plan of a run says what happens at which part of its time; a continued run has another than a first one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Parts (0..1) of a run, the plateau of the learning rate, and the share of long texts."""

    plateau: float = 1.0
    warm: float = 0.01
    decay_from: float = 0.70
    first_until: float = 0.10  # only short texts
    copies_until: float = 0.48  # lessons in copying
    sparse_from: float = 0.30  # M3's sparse attention
    long_from: float = 0.72  # texts as long as the context
    long: float = 0.12  # their share of the tokens

    def rate(self, part: float) -> float:
        """The learning rate's factor at a part of the run."""
        if part > self.decay_from:
            return self.plateau * (max(0.0, (1 - part) / (1 - self.decay_from)) * 0.99 + 0.01)
        return self.plateau * min(1.0, part / self.warm + 0.02)


FIRST = Plan()
CONTINUED = Plan(
    plateau=0.7, warm=0.03, decay_from=0.36, first_until=0.0, copies_until=0.0, sparse_from=0.0, long_from=0.0, long=0.08
)
"""A trained checkpoint can copy and read long texts already. It warms up with care, for the optimizer starts empty, and
the rate falls early: new tasks are learnt within minutes, and what it knew by heart suffers while the rate is high."""
