"""Finding weights, and refusing the wrong ones before anything loads them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from maxserve.engines.checkpoints import CheckpointError, pick, resolve
from maxserve.engines.gguf import BadGGUF, read, shards
from maxserve.engines.licences import licence_of, model_of

from .gguf_file import M2, gguf


def put(path: Path, data: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gguf() if data is None else data)
    return path


def test_header(tmp_path: Path) -> None:
    header = read(put(tmp_path / "a.gguf"))
    assert (header.architecture, header.name, header.context, header.sparse) == (
        "minimax-m2",
        "Made by hand",
        4096,
        False,
    )
    assert header.template == "{{ messages }}"
    assert header.lengths == {"tokenizer.ggml.tokens": 3, "tokenizer.ggml.scores": 2}
    assert header.values["general.some_flag"] is True
    m3 = {"general.architecture": "minimax-m3", "minimax-m3.attention.indexer.block_size": 128}
    bare = read(put(tmp_path / "b.gguf", gguf(m3)))
    assert (bare.sparse, bare.template, bare.name, bare.context) == (True, None, "b", None)


@pytest.mark.parametrize("name", ["demo-m2", "demo-m3"])
def test_demos(name: str, tmp_path: Path) -> None:
    checkpoint = resolve(name, tmp_path)
    assert (checkpoint.name, checkpoint.demo) == (name, True)
    assert checkpoint.header.architecture == f"minimax-{name[-2:]}"
    assert checkpoint.header.sparse == (name == "demo-m3")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a GGUF file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"<!DOCTYPE html>", "a page or an error message"),
        (gguf(version=1), "GGUF version 1"),
        (gguf()[:40], "cut off inside its header"),
        (gguf()[:200], "cut off inside its header"),
        (gguf(tensors=4, padding=0)[:-40], "cut off: "),
        (gguf({"general.architecture": "minimax-m2", "minimax-m2.context_length": 1}), "gating function"),
        (gguf({"general.name": "no architecture"}), "does not say its architecture"),
        (b"GGUF\x03\x00\x00\x00" + b"\xff" * 64, "damaged header"),
    ],
)
def test_wrong_files(data: bytes, reason: str, tmp_path: Path) -> None:
    path = put(tmp_path / "wrong.gguf", data)
    with pytest.raises(CheckpointError, match=reason):
        resolve(str(path), tmp_path)


def test_every_cut_of_a_file_is_an_error_and_never_a_crash(tmp_path: Path) -> None:
    whole = gguf(padding=0)
    path = tmp_path / "cut.gguf"
    for size in range(4, len(whole) - 4):
        path.write_bytes(whole[:size])
        with pytest.raises(BadGGUF, match=r"cut off|damaged"):
            read(path)


def test_other_architectures_are_served_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = put(tmp_path / "llama.gguf", gguf({"general.architecture": "llama"}))
    with caplog.at_level(logging.WARNING, "maxserve.checkpoints"):
        assert resolve(str(path), tmp_path).header.architecture == "llama"
    assert "not MiniMax's" in caplog.text


def test_parts_of_a_split_file(tmp_path: Path) -> None:
    parts = [put(tmp_path / f"M-Q4-0000{number}-of-00003.gguf") for number in (1, 2, 3)]
    for part in parts:
        found = resolve(str(part), tmp_path)
        assert (found.path, found.name) == (parts[0], "M-Q4")
    assert shards(parts[1]) == parts
    parts[1].unlink()
    with pytest.raises(CheckpointError, match=r"missing beside it: M-Q4-00002-of-00003\.gguf"):
        resolve(str(parts[0]), tmp_path)
    parts[1].write_bytes(gguf()[:50])
    with pytest.raises(CheckpointError, match="00002-of-00003"):
        resolve(str(parts[0]), tmp_path)


def test_pulled_repositories(tmp_path: Path) -> None:
    place = tmp_path / "models" / "org" / "M2-GGUF"
    with pytest.raises(CheckpointError, match="maxserve models pull org/M2-GGUF --quant Q4_K_M"):
        resolve("org/M2-GGUF:Q4_K_M", tmp_path)
    with pytest.raises(CheckpointError, match=r"maxserve models pull org/M2-GGUF --file a\.gguf"):
        resolve("org/M2-GGUF:a.gguf", tmp_path)
    one = put(place / "Q4_K_M" / "M2-Q4_K_M-00001-of-00002.gguf")
    put(place / "Q4_K_M" / "M2-Q4_K_M-00002-of-00002.gguf")
    put(place / "mmproj-F16.gguf")
    assert resolve("org/M2-GGUF", tmp_path).path == one
    other = put(place / "M2-Q8_0.gguf")
    with pytest.raises(CheckpointError, match=r"any of M2-Q8_0, M2-Q4_K_M; name one as 'org/M2-GGUF:NAME'"):
        resolve("org/M2-GGUF", tmp_path)
    assert resolve("org/M2-GGUF:q8_0", tmp_path).path == other
    assert resolve("org/M2-GGUF:M2-Q4_K_M-00001-of-00002.gguf", tmp_path).path == one
    with pytest.raises(CheckpointError, match="no 'Q2_K'"):
        resolve("org/M2-GGUF:Q2_K", tmp_path)


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    path = put(tmp_path / "weights" / "m.gguf")
    assert resolve(str(tmp_path / "weights"), tmp_path).path == path
    with pytest.raises(CheckpointError, match="There is no file"):
        resolve(str(tmp_path / "none.gguf"), tmp_path)
    with pytest.raises(CheckpointError, match="There is no file 'demo-m9'"):
        resolve("demo-m9", tmp_path)


def test_pick() -> None:
    names = ["M-Q4_K_M.gguf", "M-UD-Q4_K_M.gguf", "M-IQ4_XS.gguf"]
    assert pick(names, "Q4_K_M") == names[:1]
    assert pick(names[1:], "Q4_K_M") == names[1:2]
    assert pick(names, "ud-q4_k_m") == names[1:2]
    assert pick(names, "M-IQ4_XS.gguf") == names[2:]
    assert pick(names, "Q4") == []


@pytest.mark.parametrize(
    ("name", "model", "word"),
    [
        ("unsloth/MiniMax-M2.7-GGUF", "MiniMax-M2.7", "non-commercial"),
        ("bartowski/MiniMaxAI_MiniMax-M2.7-GGUF", "MiniMax-M2.7", "Military"),
        ("x/minimax-m3-gguf", "MiniMax-M3", "Built with MiniMax M3"),
        ("x/MiniMax-M2-GGUF", "MiniMax-M2", "MIT"),
        ("x/MiniMax-M2.5-REAP-GGUF", "MiniMax-M2.5", "interface"),
    ],
)
def test_licences(name: str, model: str, word: str) -> None:
    licence = licence_of(name)
    assert model_of(name) == model
    assert licence is not None
    assert word in f"{licence.title} {licence.summary}"


def test_no_licence_is_guessed() -> None:
    assert licence_of("x/MiniMax-M2.1-GGUF") is None
    assert licence_of("x/Llama-3") is None
    assert "minimax-m2.expert_gating_func" in M2
