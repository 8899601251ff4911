"""The weights under the names and in the layout of GGUF, there and back again."""

from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor

from training.model import Network

EXACT = ("norm.weight", "gate.weight", ".indexer.", "e_score_correction_bias")  # kept in float32


def rounded(network: Network) -> dict[str, Tensor]:
    """The network's weights, float32, the matrices rounded to what float16 can hold."""
    return {
        name: value.float() if any(mark in name for mark in EXACT) else value.half().float()
        for name, value in network.state_dict().items()
    }


_PLAIN = {
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.o_proj.weight": "attn_output.weight",
    "self_attn.q_norm.weight": "attn_q_norm.weight",
    "self_attn.k_norm.weight": "attn_k_norm.weight",
    "self_attn.indexer.q_proj.weight": "indexer.q_proj.weight",
    "self_attn.indexer.k_proj.weight": "indexer.k_proj.weight",
    "self_attn.indexer.q_norm.weight": "indexer.q_norm.weight",
    "self_attn.indexer.k_norm.weight": "indexer.k_norm.weight",
    "mlp.gate.weight": "ffn_gate_inp.weight",
    "mlp.e_score_correction_bias": "exp_probs_b.bias",
    "mlp.gate.e_score_correction_bias": "exp_probs_b.bias",
    "mlp.experts.down_proj": "ffn_down_exps.weight",
    "mlp.shared_experts.down_proj.weight": "ffn_down_shexp.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
}
_FUSED = {  # gate first, then up
    "mlp.experts.gate_up_proj": "ffn_{}_exps.weight",
    "mlp.shared_experts.gate_up_proj.weight": "ffn_{}_shexp.weight",
    "mlp.gate_up_proj.weight": "ffn_{}.weight",
}
_OUTER = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}


def places(name: str) -> list[str]:
    """GGUF's names of a weight: two where transformers keeps gate and up in one."""
    if name in _OUTER:
        return [_OUTER[name]]
    _, _, layer, rest = name.split(".", 3)
    if rest in _PLAIN:
        return [f"blk.{layer}.{_PLAIN[rest]}"]
    return [f"blk.{layer}.{_FUSED[rest].format(part)}" for part in ("gate", "up")]


def lift(name: str, family: str) -> float:
    """What GGUF's value has more: M3 keeps norm weights less one, and llama.cpp wants them whole."""
    return 1.0 if family == "m3" and name.endswith("norm.weight") else 0.0


def tensors(weights: dict[str, Tensor], family: str) -> dict[str, Tensor]:
    """The weights under GGUF's names and in its layout."""
    result = {}
    for name, value in weights.items():
        names, whole = places(name), value + lift(name, family)
        parts = whole.chunk(2, dim=-2) if len(names) > 1 else (whole,)
        result.update(zip(names, parts, strict=True))
    return result


def read_gguf(network: Network, family: str, path: Path) -> None:
    """Set the network's weights to those of a checkpoint that `training.export` wrote."""
    found = {tensor.name: torch.from_numpy(np.array(tensor.data)).float() for tensor in gguf.GGUFReader(path).tensors}
    weights = {}
    for name, value in network.state_dict().items():
        parts = [found[place] for place in places(name)]
        whole = torch.cat(parts, dim=-2) if len(parts) > 1 else parts[0]
        weights[name] = (whole - lift(name, family)).reshape(value.shape)
    network.load_state_dict(weights)
