"""The exporter writes a trained checkpoint as GGUF (what ships) and as a Hugging Face folder (for comparison).

    python -m training.export --family m2 --hf /tmp/demo-m2

Matrices are rounded to float16 first, so that both forms hold exactly the same values; norms, routers and indexers
stay float32.
"""

import argparse
import copy
import json
import os
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer

from training import model
from training.model import Network
from training.tokenizer import BEGIN, CONTROL, END, PAD, PRE_TOKENIZER, UNKNOWN, VISIBLE, load
from training.weights import rounded, tensors

ROOT = Path(__file__).parents[1]
TEMPLATES = ROOT / "src" / "maxserve" / "families" / "templates"
RUNS = Path(__file__).with_name("runs")


def shipped(family: str) -> Path:
    """Where the package keeps the checkpoint of a family."""
    return ROOT / "src" / "maxserve" / "checkpoints" / f"demo-{family}.gguf"


def _describe(writer: gguf.GGUFWriter, family: str) -> None:
    """The model's facts; without the gating function llama.cpp aborts on the first token."""
    arch = writer.arch
    writer.add_name(f"demo-{family}")
    writer.add_author("the maxserve authors")
    writer.add_license("apache-2.0")
    writer.add_description("A tiny model of the true architecture, trained from nothing on generated text.")
    writer.add_size_label("5M")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(model.CONTEXT)
    writer.add_embedding_length(model.HIDDEN)
    writer.add_block_count(model.LAYERS)
    writer.add_head_count(model.HEADS)
    writer.add_head_count_kv(model.KV_HEADS)
    writer.add_key_length(model.HEAD_DIM)
    writer.add_value_length(model.HEAD_DIM)
    writer.add_rope_dimension_count(model.ROTARY)
    writer.add_rope_freq_base(model.THETA)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_expert_count(model.EXPERTS)
    writer.add_expert_used_count(model.ACTIVE)
    writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
    settings: Any = model.config("m2" if family == "m2" else "m3", 16)
    writer.add_expert_feed_forward_length(settings.intermediate_size)
    if family == "m2":
        writer.add_feed_forward_length(settings.intermediate_size)
        return
    writer.add_feed_forward_length(settings.dense_intermediate_size)
    writer.add_leading_dense_block_count(model.DENSE_LAYERS)
    writer.add_expert_shared_count(1)
    writer.add_expert_weights_scale(settings.routed_scaling_factor)
    writer.add_expert_weights_norm(True)
    writer.add_indexer_head_count(settings.index_n_heads)
    writer.add_indexer_key_length(settings.index_head_dim)
    writer.add_indexer_top_k(settings.index_topk_blocks)
    writer.add_uint32(f"{arch}.attention.indexer.block_size", settings.index_block_size)
    writer.add_uint32(f"{arch}.attention.indexer.local_blocks", settings.index_local_blocks)


def _vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    body = json.loads(tokenizer.to_str())
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    kinds = [
        gguf.TokenType.CONTROL
        if token in CONTROL
        else gguf.TokenType.USER_DEFINED
        if token in VISIBLE
        else gguf.TokenType.NORMAL
        for token in tokens
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(
        [merge if isinstance(merge, str) else " ".join(merge) for merge in body["model"]["merges"]]
    )
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(False)


def write_gguf(network: Network, family: str, tokenizer: Tokenizer, path: Path) -> None:
    """Write the GGUF beside its place, then move it there in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spare = path.with_suffix(".tmp")
    writer = gguf.GGUFWriter(spare, f"minimax-{family}")
    _describe(writer, family)
    _vocabulary(writer, tokenizer)
    writer.add_chat_template((TEMPLATES / f"{family}.jinja").read_text())
    for name, value in tensors(rounded(network), family).items():
        exact = value.ndim == 1 or "indexer" in name or "gate_inp" in name
        array = value.detach().contiguous().numpy()
        writer.add_tensor(name, array if exact else array.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(spare, path)


def write_hf(network: Network, family: str, tokenizer: Tokenizer, folder: Path) -> None:
    """Write a folder that transformers loads: rounded weights in float32, config, tokenizer and chat template."""
    from transformers import PreTrainedTokenizerFast

    same: Network = copy.deepcopy(network)
    same.load_state_dict(rounded(network))
    same.save_pretrained(folder)
    kind: Any = PreTrainedTokenizerFast
    fast = kind(
        tokenizer_object=tokenizer,
        pad_token=CONTROL[PAD],
        bos_token=CONTROL[BEGIN],
        eos_token=CONTROL[END],
        unk_token=CONTROL[UNKNOWN],
        model_max_length=model.CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = (TEMPLATES / f"{family}.jinja").read_text()
    fast.save_pretrained(folder)


def trained(family: Any, runs: Path = RUNS) -> tuple[Network, Tokenizer]:
    """The network of the last saved state of a run, and its tokenizer."""
    tokenizer = load()
    network = model.build(family, tokenizer.get_vocab_size())
    network.load_state_dict(torch.load(runs / family / "state.pt")["network"])
    return network.eval(), tokenizer


def main() -> None:
    """Export the last saved state of a run."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--family", choices=("m2", "m3"), required=True)
    reader.add_argument("--runs", type=Path, default=RUNS, metavar="FOLDER", help="where the states of all runs lie")
    reader.add_argument("--gguf", type=Path)
    reader.add_argument("--hf", type=Path, help="also write a Hugging Face folder here")
    given = reader.parse_args()
    network, tokenizer = trained(given.family, given.runs)
    path = given.gguf or shipped(given.family)
    write_gguf(network, given.family, tokenizer, path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {model.sizes(network)}")
    if given.hf:
        write_hf(network, given.family, tokenizer, given.hf)


if __name__ == "__main__":
    main()
