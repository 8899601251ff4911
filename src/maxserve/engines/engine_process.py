"""The program of the embedded engine's child process: llama.cpp's server, and nothing of maxserve.

It is run by path, so that it imports the standard library and xllamacpp only. A fault in llama.cpp ends this process
and no other. The first line of standard input is its configuration as JSON; while that pipe is open, the parent lives:
its end ends this process at once. One JSON line on standard output says that the server answers, and where, or why
it does not. Everything that the library writes goes to standard error.

    {"parent": pid, "model": path, "socket": path or "", "key": text, "context": tokens per request, "parallel": n,
     "threads": n, "batch": n, "gpu_layers": n, "flash_attention": bool, "unified": bool, "cache_mib": n,
     "http_threads": n, "verbosity": n}
"""

import json
import os
import signal
import sys
import threading
from typing import Any

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Start the server, say so, and wait for the parent's end."""
    out = os.dup(1)
    os.dup2(2, 1)  # the library may write to standard output; that pipe is for our one line
    config = json.loads(sys.stdin.buffer.readline())
    _die_with(config["parent"])
    threading.Thread(target=_watch, daemon=True).start()
    try:
        server = _serve(config)
    except Exception as error:
        os.write(out, json.dumps({"error": str(error) or type(error).__name__}).encode() + b"\n")
        os._exit(3)
    os.write(out, json.dumps({"address": server.listening_address}).encode() + b"\n")
    threading.Event().wait()


def _watch() -> None:
    """End the process when standard input ends; no destructor may delay that."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def _die_with(parent: int) -> None:
    """Let Linux kill this process when its parent ends, even while the library holds the interpreter's lock."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _serve(config: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config["model"]
    params.verbosity = config["verbosity"]

    # Private: a socket in a directory of the user's own, or loopback; a key either way; no pages, no slots.
    if config["socket"]:
        params.hostnames = [config["socket"]]
        params.port = 1  # has no meaning for a socket, but 0 would be looked up as one
    else:
        params.hostnames = ["127.0.0.1"]
        params.port = 0
    params.api_keys = [config["key"]]
    params.ui = False
    params.endpoint_slots = False
    params.endpoint_props = False
    params.endpoint_metrics = True
    params.n_threads_http = config["http_threads"]
    params.sse_ping_interval = -1

    params.n_parallel = config["parallel"]
    params.n_ctx = config["context"] * config["parallel"]
    params.kv_unified = config["unified"]
    params.ctx_shift = False
    params.cache_prompt = True
    params.cache_ram_mib = config["cache_mib"]
    params.n_batch = config["batch"]
    params.n_ubatch = min(config["batch"], params.n_ubatch)
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["threads"]

    params.n_gpu_layers = config["gpu_layers"]
    # Fitting the layers to the memory costs time at the start and has a meaning only with a graphics processor.
    devices = [str(device.get("type", "")) for device in xllamacpp.get_device_info()]
    params.fit_params = config["gpu_layers"] < 0 and any("GPU" in kind for kind in devices)

    kinds = xllamacpp.llama_flash_attn_type
    params.flash_attn_type = (
        kinds.LLAMA_FLASH_ATTN_TYPE_ENABLED if config["flash_attention"] else kinds.LLAMA_FLASH_ATTN_TYPE_AUTO
    )
    params.warmup = True  # also shows at once whether the graph can be built at all
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
