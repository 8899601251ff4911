"""The models are transformers' own MiniMax classes with tiny sizes, so that a checkpoint is the true architecture."""

from typing import Any, Literal

import torch
from torch import nn
from transformers import MiniMaxM2Config, MiniMaxM2ForCausalLM
from transformers.models.minimax_m3_vl.configuration_minimax_m3_vl import MiniMaxM3VLTextConfig
from transformers.models.minimax_m3_vl.modeling_minimax_m3_vl import MiniMaxM3VLForCausalLM

Family = Literal["m2", "m3"]
Config = MiniMaxM2Config | MiniMaxM3VLTextConfig
Network = Any  # one of the two classes below: their parts are read by name

HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, ROTARY = 256, 6, 4, 2, 64, 32
EXPERTS, ACTIVE = 8, 2
CONTEXT = 4096
THETA = 10_000.0
BLOCK, TOP_BLOCKS, INDEX_DIM = 32, 8, 64
DENSE_LAYERS = 2  # of M3: the first layers have a plain MLP and full attention
SPECIAL = {"pad_token_id": 0, "bos_token_id": 4, "eos_token_id": 2}


def config(family: Family, vocab: int) -> Config:
    """The tiny configuration of one family; attention heads, experts and rotary share are the real ones' in small."""
    common: dict[str, Any] = {
        "vocab_size": vocab,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HEAD_DIM,
        "num_local_experts": EXPERTS,
        "num_experts_per_tok": ACTIVE,
        "max_position_embeddings": CONTEXT,
        # M3's text config ignores rotary_dim alone: the share has to stand here.
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": THETA,
            "partial_rotary_factor": ROTARY / HEAD_DIM,
        },
        "tie_word_embeddings": False,
        **SPECIAL,
    }
    if family == "m2":
        return MiniMaxM2Config(intermediate_size=64, **common)
    dense, moe = DENSE_LAYERS, LAYERS - DENSE_LAYERS
    return MiniMaxM3VLTextConfig(
        intermediate_size=64,
        shared_intermediate_size=64,
        dense_intermediate_size=256,
        routed_scaling_factor=2.0,
        rotary_dim=ROTARY,
        mlp_layer_types=["dense"] * dense + ["sparse"] * moe,
        layer_types=["full_attention"] * dense + ["minimax_m3_sparse"] * moe,
        index_n_heads=KV_HEADS,
        index_head_dim=INDEX_DIM,
        index_block_size=BLOCK,
        index_topk_blocks=TOP_BLOCKS,
        index_local_blocks=1,
        **common,
    )


def build(family: Family, vocab: int, seed: int = 0) -> Network:
    """A freshly initialised model in float32."""
    torch.manual_seed(seed)
    settings: Any = config(family, vocab)
    settings._experts_implementation = "grouped_mm"  # the default loops over experts, many times slower
    network: Network = MiniMaxM2ForCausalLM(settings) if family == "m2" else MiniMaxM3VLForCausalLM(settings)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if "embed_tokens" in name:
                nn.init.normal_(weight, std=0.3)
            elif "lm_head" in name:
                nn.init.normal_(weight, std=0.02)
            elif "o_proj" in name or "down_proj" in name:
                nn.init.normal_(weight, std=0.5 * weight.shape[-1] ** -0.5 / LAYERS**0.5)
            elif weight.ndim > 1:
                nn.init.normal_(weight, std=0.8 * weight.shape[-1] ** -0.5)
    return network.float()


def sizes(network: nn.Module) -> dict[str, int]:
    """Parameters in all, in embeddings, and active per token outside the embeddings."""
    total = sum(weight.numel() for weight in network.parameters())
    outer = sum(w.numel() for n, w in network.named_parameters() if "embed_tokens" in n or "lm_head" in n)
    experts = sum(w.numel() for n, w in network.named_parameters() if ".experts." in n and w.ndim == 3)
    return {"total": total, "embeddings": outer, "active": total - outer - experts * (EXPERTS - ACTIVE) // EXPERTS}
