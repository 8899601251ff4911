"""The fast forward pass and its gradients are transformers' own, up to bfloat16."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from training.forward import Forward, layout  # noqa: E402
from training.kernel import Loss  # noqa: E402
from training.model import build  # noqa: E402

VOCAB, ROWS, LENGTH, SLOTS = 96, 2, 300, 640


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

    stream = torch.zeros(SLOTS, dtype=torch.long)
    stream[: ROWS * LENGTH] = ids.flatten()
    hidden, loads = Forward(network, family)(stream, torch.arange(SLOTS) % LENGTH, layout(ROWS, LENGTH, True))
    found, each = Loss.apply(
        hidden[: ROWS * LENGTH], network.lm_head.weight, labels, torch.full((ROWS * LENGTH,), 1 / (ROWS * LENGTH))
    )
    found.backward()

    assert found.item() == pytest.approx(want.item(), abs=0.01)
    assert each.mean().item() == pytest.approx(found.item(), rel=1e-4)
    assert all(int(load.sum()) == 2 * SLOTS for load in loads)
    for name, weight in network.named_parameters():
        if name in gradients and ".gate." not in name:
            likeness = torch.nn.functional.cosine_similarity(gradients[name].flatten(), weight.grad.flatten(), dim=0)
            assert likeness > 0.97, name
