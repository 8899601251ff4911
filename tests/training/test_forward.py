"""The fast forward pass and its gradients are transformers' own, up to bfloat16."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.forward import Forward, layout  # noqa: E402
from training.kernel import Loss  # noqa: E402
from training.model import build  # noqa: E402

VOCAB, ROWS, LENGTH, SLOTS = 96, 2, 300, 704


@pytest.mark.parametrize("family", ["m2", "m3"])
def test_loss_and_gradients_follow_transformers(family):
    torch.set_num_threads(1)
    network = build(family, VOCAB)
    network.config._attn_implementation = "sdpa"
    ids = torch.randint(5, VOCAB, (ROWS, LENGTH))
    labels = torch.randint(5, VOCAB, (ROWS * LENGTH,))
    want = torch.nn.functional.cross_entropy(network(ids).logits.flatten(0, 1), labels)
    want.backward()
    gradients = {name: weight.grad.clone() for name, weight in network.named_parameters() if weight.grad is not None}
    network.zero_grad()

    # Two segments with another, ignored text of another length before them.
    first = 48
    stream, places = torch.zeros(SLOTS, dtype=torch.long), torch.zeros(SLOTS, dtype=torch.long)
    places[:first] = torch.arange(first)
    stream[first : first + ROWS * LENGTH] = ids.flatten()
    places[first : first + ROWS * LENGTH] = torch.arange(LENGTH).repeat(ROWS)
    segments = [(0, 1, first), (first, 1, LENGTH), (first + LENGTH, 1, LENGTH)]
    hidden, loads = Forward(network, family)(stream, places, layout(segments, True))
    count = ROWS * LENGTH
    weight = torch.full((count,), 1 / count)
    found, each = Loss.apply(hidden[first : first + count], network.lm_head.weight, labels, weight)
    found.backward()

    assert found.item() == pytest.approx(want.item(), abs=0.01)
    assert each.mean().item() == pytest.approx(found.item(), rel=1e-4)
    assert all(int(load.sum()) == 2 * SLOTS for load in loads)
    for name, weight in network.named_parameters():
        if name in gradients and ".gate." not in name:
            likeness = torch.nn.functional.cosine_similarity(gradients[name].flatten(), weight.grad.flatten(), dim=0)
            assert likeness > 0.97, name
