"""The engine is the embedded llama.cpp as the server uses it, started on loopback for one checkpoint."""

import json
import secrets
import socket
import urllib.request
from pathlib import Path
from typing import Any

import xllamacpp


class Engine:
    """A running engine; `complete` and `tokenize` take raw text."""

    def __init__(self, path: Path, context: int = 4096, slots: int = 1, threads: int = 1) -> None:
        """Start the engine on a free port with a random key."""
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = context * slots
        params.n_parallel = slots
        params.n_batch = params.n_ubatch = 512
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        # M3's sparse attention runs only with flash attention on and a cache of its own for each slot.
        params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_ENABLED
        params.kv_unified = False
        params.warmup = False
        params.verbosity = 0
        self.key = secrets.token_hex(16)
        params.api_keys = [self.key]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            params.port = free.getsockname()[1]
        self.server = xllamacpp.Server(params)
        self.address = self.server.listening_address

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """One JSON request."""
        request = urllib.request.Request(
            self.address + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def tokenize(self, text: str) -> list[int]:
        """The engine's own token ids of a text, marks included."""
        found = self.ask("/tokenize", {"content": text, "add_special": False, "parse_special": True})
        return list(found["tokens"])

    def complete(self, prompt: list[int], limit: int, odds: int = 0) -> Any:
        """The greedy continuation of a prompt, with the log-probabilities of the best `odds` tokens."""
        return self.ask(
            "/completion",
            {
                "prompt": prompt, "n_predict": limit, "temperature": 0, "top_k": 1, "samplers": ["top_k"],
                "return_tokens": True, "cache_prompt": False, "n_probs": odds, "post_sampling_probs": False,
            },
        )
