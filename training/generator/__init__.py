"""The texts that the demo checkpoints learn from: made up, endless, and the same for the same seed."""

from training.generator.layout import Example, examples, held_out

__all__ = ["Example", "examples", "held_out"]
