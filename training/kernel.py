"""The kernels are bfloat16 attention and expert layers for one core, opaque to the compiler, with their own gradients.

A batch is one flat stream of a fixed number of token slots, cut into segments: a segment is some texts padded to the
same length. So texts of all lengths learn together, and everything else in the network compiles once, for one shape.
A layout tensor describes it: the first row holds the block size and block count of sparse attention (0, 0 for dense
attention), each further one a segment's first slot, number of texts and their length; rows of zeros are idle.
"""

from typing import Any

import torch
from torch import Tensor

from training.model import KV_HEADS

CHUNK = 128  # queries handled at once: a chunk reads only the keys before its own end, half the work of a full square


def _heads(x: Tensor, segment: tuple[int, int, int], heads: int) -> Tensor:
    first, rows, length = segment
    return x[first : first + rows * length].view(rows, length, heads, -1).transpose(1, 2)


def _segments(layout: Tensor) -> list[tuple[int, int, int]]:
    return [(first, rows, length) for first, rows, length in layout[1:].tolist() if rows]


def blocks_kept(iq: Tensor, ik: Tensor, start: int, block: int, top: int) -> Tensor:
    """Which key blocks each query keeps; iq (rows, heads, queries, dim), ik (rows, keys, dim), queries from `start`."""
    queries, keys = iq.shape[2], ik.shape[1]
    scores = torch.matmul(iq.float(), ik.float().transpose(-1, -2).unsqueeze(1))
    places = torch.arange(start, start + queries)
    scores.masked_fill_(torch.arange(keys)[None, :] > places[:, None], float("-inf"))
    count = -(-keys // block)
    if count * block > keys:
        scores = torch.nn.functional.pad(scores, (0, count * block - keys), value=float("-inf"))
    pooled = scores.unflatten(-1, (count, block)).amax(-1)
    local = (places // block).view(1, 1, -1, 1).expand(*pooled.shape[:3], 1)
    pooled.scatter_(-1, local, float("inf"))
    best = pooled.topk(min(top, count), dim=-1).indices
    return torch.zeros_like(pooled, dtype=torch.bool).scatter_(-1, best, True)


@torch.library.custom_op("maxserve::attend", mutates_args=())
def attend(q: Tensor, k: Tensor, v: Tensor, iq: Tensor, ik: Tensor, shape: Tensor) -> tuple[Tensor, Tensor]:
    """Causal attention of every text in the stream; q is scaled already; also returns the shares of attention."""
    block, top, _ = shape[0].tolist()
    kv = KV_HEADS
    group = q.shape[1] // k.shape[1]
    out = torch.zeros_like(q)
    kept = []
    for segment in _segments(shape):
        first, rows, length = segment
        keys, values = _heads(k, segment, kv).contiguous(), _heads(v, segment, kv).contiguous()
        queries = _heads(q, segment, kv * group)
        target = out[first : first + rows * length].view(rows, length, kv, group, -1)
        for start in range(0, length, CHUNK):
            end = min(start + CHUNK, length)
            size = end - start
            part = queries[:, :, start:end].reshape(rows * kv, group * size, -1)
            score = torch.bmm(part, keys[:, :, :end].reshape(rows * kv, end, -1).transpose(1, 2))
            square = score.view(rows, kv, group, size, end)
            square[..., start:].masked_fill_(torch.ones(size, size, dtype=torch.bool).triu(1), float("-inf"))
            if block and end > block * top:
                index_keys = _heads(ik, segment, 1)[:, 0, :end]
                keep = blocks_kept(_heads(iq, segment, kv)[:, :, start:end], index_keys, start, block, top)
                drop = ~keep.repeat_interleave(block, dim=-1)[..., :end].unsqueeze(2)
                square.masked_fill_(drop, float("-inf"))
            share = torch._softmax(score, -1, False)
            kept.append(share.view(-1))
            mixed = torch.bmm(share, values[:, :, :end].reshape(rows * kv, end, -1))
            target[:, start:end] = mixed.view(rows, kv, group, size, -1).permute(0, 3, 1, 2, 4)
    return out, torch.cat(kept)


@attend.register_fake
def _(q: Tensor, k: Tensor, v: Tensor, iq: Tensor, ik: Tensor, shape: Tensor) -> tuple[Tensor, Tensor]:
    size = torch.library.get_ctx().new_dynamic_size()
    return torch.empty_like(q), q.new_empty(size)


@torch.library.custom_op("maxserve::attend_back", mutates_args=())
def attend_back(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, shares: Tensor, shape: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of `attend` with respect to q, k and v."""
    kv = KV_HEADS
    group = q.shape[1] // k.shape[1]
    dim = q.shape[1] // (kv * group)
    gq, gk, gv = torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(v)
    place = 0
    for segment in _segments(shape):
        first, rows, length = segment
        keys, values = _heads(k, segment, kv).contiguous(), _heads(v, segment, kv).contiguous()
        queries, grads = _heads(q, segment, kv * group), _heads(grad, segment, kv * group)
        gkeys = torch.zeros(rows, kv, length, dim, dtype=torch.float32)
        gvalues = torch.zeros_like(gkeys)
        span = slice(first, first + rows * length)
        target = gq[span].view(rows, length, kv, group, -1)
        for start in range(0, length, CHUNK):
            end = min(start + CHUNK, length)
            size = end - start
            count = rows * kv * group * size * end
            share = shares[place : place + count].view(rows * kv, group * size, end)
            place += count
            g = grads[:, :, start:end].reshape(rows * kv, group * size, dim)
            part = queries[:, :, start:end].reshape(rows * kv, group * size, dim)
            gshare = torch.bmm(g, values[:, :, :end].reshape(rows * kv, end, dim).transpose(1, 2))
            gscore = torch._softmax_backward_data(gshare, share, -1, share.dtype)
            gvalues[:, :, :end] += torch.bmm(share.transpose(1, 2), g).view(rows, kv, end, dim)
            gkeys[:, :, :end] += torch.bmm(gscore.transpose(1, 2), part).view(rows, kv, end, dim)
            mixed = torch.bmm(gscore, keys[:, :, :end].reshape(rows * kv, end, dim))
            target[:, start:end] = mixed.view(rows, kv, group, size, -1).permute(0, 3, 1, 2, 4)
        gk[span].view(rows, length, kv, dim).copy_(gkeys.transpose(1, 2))
        gv[span].view(rows, length, kv, dim).copy_(gvalues.transpose(1, 2))
    return gq, gk, gv


@attend_back.register_fake
def _(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, shares: Tensor, shape: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    return torch.empty_like(q), torch.empty_like(k), torch.empty_like(v)


def _attend_save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
    q, k, v, _, _, shape = inputs
    ctx.save_for_backward(q, k, v, output[1], shape)


def _attend_grad(ctx: Any, grad: Tensor, _: Any) -> tuple[Tensor | None, ...]:
    q, k, v, shares, shape = ctx.saved_tensors
    return *attend_back(grad.contiguous(), q, k, v, shares, shape), None, None, None


attend.register_autograd(_attend_grad, setup_context=_attend_save)


def _gate(gate: Tensor, up: Tensor, alpha: float) -> Tensor:
    if alpha:
        gate = gate.clamp(max=7.0)
        return (up.clamp(-7.0, 7.0) + 1) * gate * torch.sigmoid(gate * alpha)
    return torch.nn.functional.silu(gate) * up


def _gate_back(g: Tensor, gate: Tensor, up: Tensor, alpha: float) -> tuple[Tensor, Tensor]:
    if alpha:
        low = gate.clamp(max=7.0)
        mid = up.clamp(-7.0, 7.0)
        s = torch.sigmoid(low * alpha)
        ggate = g * (mid + 1) * s * (1 + alpha * low * (1 - s)) * (gate <= 7.0)
        return ggate, g * low * s * (up.abs() <= 7.0)
    s = torch.sigmoid(gate)
    silu = gate * s
    return g * up * (s + silu - silu * s), g * silu


@torch.library.custom_op("maxserve::experts", mutates_args=())
def experts(
    x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor, alpha: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Each token through its two experts; also returns what the gradient needs: order, counts, inner values."""
    flat = choice.reshape(-1)
    order = flat.argsort(stable=True)
    counts = torch.bincount(flat, minlength=gate_up.shape[0])
    source = order // choice.shape[1]
    share = weight.reshape(-1)[order].to(x.dtype).unsqueeze(1)
    inner = x.new_empty(flat.shape[0], gate_up.shape[1])
    mixed = x.new_empty(flat.shape[0], x.shape[1])
    start = 0
    for number, count in enumerate(counts.tolist()):
        if not count:
            continue
        span = slice(start, start + count)
        torch.mm(x[source[span]], gate_up[number].T, out=inner[span])
        gate, up = inner[span].chunk(2, dim=1)
        torch.mm(_gate(gate, up, alpha) * share[span], down[number].T, out=mixed[span])
        start += count
    back = torch.empty_like(order)
    back[order] = torch.arange(order.shape[0])
    back = back.view(choice.shape)
    out = mixed[back[:, 0]].add_(mixed[back[:, 1]])
    return out, order, counts, inner


@experts.register_fake
def _(
    x: Tensor, gate_up: Tensor, down: Tensor, choice: Tensor, weight: Tensor, alpha: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    slots = choice.shape[0] * choice.shape[1]
    return (
        torch.empty_like(x),
        choice.new_empty(slots),
        choice.new_empty(gate_up.shape[0]),
        x.new_empty(slots, gate_up.shape[1]),
    )


@torch.library.custom_op("maxserve::experts_back", mutates_args=())
def experts_back(
    grad: Tensor, x: Tensor, gate_up: Tensor, down: Tensor, weight: Tensor, order: Tensor, counts: Tensor,
    inner: Tensor, alpha: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The gradients of `experts` with respect to x, gate_up, down and the routing weights."""
    width = weight.shape[1]
    source = order // width
    share = weight.reshape(-1)[order].to(x.dtype).unsqueeze(1)
    ggate_up, gdown = torch.zeros_like(gate_up), torch.zeros_like(down)
    gx = torch.empty_like(x[source[:1]].expand(order.shape[0], -1).contiguous())
    gshare = torch.empty(order.shape[0], dtype=torch.float32)
    start = 0
    for number, count in enumerate(counts.tolist()):
        if not count:
            continue
        span = slice(start, start + count)
        rows = source[span]
        g = grad[rows]
        gate, up = inner[span].chunk(2, dim=1)
        value = _gate(gate, up, alpha)
        gvalue = torch.mm(g, down[number])
        gshare[span] = (gvalue * value).sum(1, dtype=torch.float32)
        torch.mm(g.T, value * share[span], out=gdown[number])
        ginner = torch.cat(_gate_back(gvalue * share[span], gate, up, alpha), dim=1)
        torch.mm(ginner.T, x[rows], out=ggate_up[number])
        torch.mm(ginner, gate_up[number], out=gx[span])
        start += count
    back = torch.empty_like(order)
    back[order] = torch.arange(order.shape[0])
    back = back.view(weight.shape)
    return gx[back[:, 0]].add_(gx[back[:, 1]]), ggate_up, gdown, gshare[back].to(weight.dtype)


@experts_back.register_fake
def _(
    grad: Tensor, x: Tensor, gate_up: Tensor, down: Tensor, weight: Tensor, order: Tensor, counts: Tensor,
    inner: Tensor, alpha: float,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return torch.empty_like(x), torch.empty_like(gate_up), torch.empty_like(down), torch.empty_like(weight)


def _experts_save(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
    x, gate_up, down, _, weight, alpha = inputs
    _, order, counts, inner = output
    ctx.save_for_backward(x, gate_up, down, weight, order, counts, inner)
    ctx.alpha = alpha


def _experts_grad(ctx: Any, grad: Tensor, *_: Any) -> tuple[Tensor | None, ...]:
    x, gate_up, down, weight, order, counts, inner = ctx.saved_tensors
    parts = experts_back(grad.contiguous(), x, gate_up, down, weight, order, counts, inner, ctx.alpha)
    gx, ggate_up, gdown, gweight = parts
    return gx, ggate_up, gdown, None, gweight, None


experts.register_autograd(_experts_grad, setup_context=_experts_save)


class Loss(torch.autograd.Function):
    """Weighted cross entropy straight from hidden states, in pieces, so that logits never exist in full."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, head: Tensor, labels: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of weighted losses and the loss of each token."""
        low = head.to(torch.bfloat16)
        ghidden = torch.empty_like(hidden)
        ghead = torch.zeros_like(head)
        losses = torch.empty(hidden.shape[0])
        for start in range(0, hidden.shape[0], 512):
            span = slice(start, start + 512)
            part, want = hidden[span].to(torch.bfloat16), labels[span]
            logits = torch.mm(part, low.T).float()
            scale = logits.logsumexp(1, keepdim=True)
            losses[span] = (scale - logits.gather(1, want[:, None])).squeeze(1)
            slope = logits.sub_(scale).exp_()
            slope.scatter_add_(1, want[:, None], torch.full((want.shape[0], 1), -1.0))
            slope = slope.mul_(weight[span, None]).to(torch.bfloat16)
            ghidden[span] = torch.mm(slope, low).to(hidden.dtype)
            ghead += torch.mm(slope.T, part)
        ctx.save_for_backward(ghidden, ghead)
        return (losses * weight).sum(), losses

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """The gradients were made on the way forward; only the outer scale is missing."""
        ghidden, ghead = ctx.saved_tensors
        return ghidden * grad, ghead * grad, None, None
