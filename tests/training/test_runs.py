"""A run's plan and journal, and the weights on their way to GGUF and back."""

import random

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.data import Sample, pack  # noqa: E402
from training.export import write_gguf  # noqa: E402
from training.journal import Tally  # noqa: E402
from training.model import build  # noqa: E402
from training.plan import CONTINUED, FIRST  # noqa: E402
from training.tokenizer import load  # noqa: E402
from training.weights import read_gguf, rounded  # noqa: E402


@pytest.mark.parametrize("plan", [FIRST, CONTINUED])
def test_the_learning_rate_warms_up_stays_and_falls_to_almost_nothing(plan):
    assert plan.rate(0.0) < 0.05 < plan.plateau
    assert plan.rate(plan.warm) == plan.rate(plan.decay_from) == plan.plateau
    falling = [plan.rate(part / 100) for part in range(int(plan.decay_from * 100) + 1, 101)]
    assert falling == sorted(falling, reverse=True)
    assert plan.rate(1.0) == pytest.approx(0.01 * plan.plateau)


def test_losses_are_counted_by_task_over_answers_only():
    samples = [Sample("a", [4, 5, 6, 7], 2), Sample("b", [4, 5, 6, 7], 3)]
    batch = pack([samples], 64, 1.0, random.Random(1))
    each = torch.where(batch.target, 0.1, 9.0)
    each[(batch.owner == 1) & batch.target] = 2.0
    tally = Tally()
    tally.add(batch, each)
    assert tally.take() == {"a": [pytest.approx(0.1), 1.0], "b": [2.0, 0.0]}
    assert tally.take() == {}


@pytest.mark.parametrize("family", ["m2", "m3"])
def test_a_checkpoint_is_read_back_as_it_was_written(family, tmp_path):
    tokenizer = load()
    network = build(family, tokenizer.get_vocab_size(), seed=3)
    write_gguf(network, family, tokenizer, tmp_path / "demo.gguf")
    other = build(family, tokenizer.get_vocab_size(), seed=4)
    read_gguf(other, family, tmp_path / "demo.gguf")
    for name, value in rounded(network).items():
        torch.testing.assert_close(other.state_dict()[name], value, rtol=0, atol=1e-6)
