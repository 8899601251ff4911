"""`maxserve models pull` against a hub on loopback, through the real huggingface_hub in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maxserve.cli.main import main
from maxserve.engines.checkpoints import resolve
from maxserve.engines.download import fetch
from maxserve.engines.hub import HubError, Plan, RemoteFile

from .gguf_file import M2, gguf
from .hub_stand_in import Hub, hub_stand_in

REPO = "unsloth/MiniMax-M2.7-GGUF"
IQ2 = "MiniMax-M2.7-UD-IQ2_M.gguf"
CHUNK = 10 * 1024 * 1024  # huggingface_hub writes a file in steps of this size
Q4 = "UD-Q4_K_M/MiniMax-M2.7-UD-Q4_K_M-{}-of-00002.gguf"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hub_stand_in() as running:
        running.files[REPO] = {
            "README.md": b"# here",
            "mmproj-F16.gguf": gguf(),
            "imatrix.gguf": gguf(),
            IQ2: gguf(padding=300_000),
            Q4.format("00001"): gguf(padding=40_000),
            Q4.format("00002"): gguf({"general.architecture": "minimax-m2"}, padding=50_000),
        }
        yield running


def pull(
    hub: Hub, data: Path, *words: str, answer: str | None = None, terminal: int | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HF_ENDPOINT": hub.url, "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "maxserve", "models", "pull", *words, "--data-dir", str(data)]
    stdin: dict[str, Any] = {"input": answer or ""} if terminal is None else {"stdin": terminal}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, **stdin)


def test_pulls_all_parts_of_a_quantisation_and_says_how_to_use_them(hub: Hub, tmp_path: Path) -> None:
    done = pull(hub, tmp_path, REPO, "--quant", "UD-Q4_K_M", "--yes")
    assert done.returncode == 0, done.stderr
    assert "2 files, 90.6 kB" in done.stderr
    assert "non-commercial" in done.stderr
    assert f'model = "{REPO}:MiniMax-M2.7-UD-Q4_K_M"' in done.stderr
    path = Path(done.stdout.strip())
    assert path == tmp_path / "models" / REPO / Q4.format("00001")
    for name in (Q4.format("00001"), Q4.format("00002")):
        assert (tmp_path / "models" / REPO / name).read_bytes() == hub.files[REPO][name]
    for which in ("UD-Q4_K_M", "MiniMax-M2.7-UD-Q4_K_M"):
        assert resolve(f"{REPO}:{which}", tmp_path).path == path
    assert resolve(REPO, tmp_path).name == "MiniMax-M2.7-UD-Q4_K_M"

    hub.requests.clear()
    again = pull(hub, tmp_path, f"{REPO}:UD-Q4_K_M", "--yes")
    assert again.returncode == 0
    assert hub.ranges(Q4.format("00001")) == []  # what is there is not fetched again


def test_a_cut_transfer_goes_on_where_it_broke_off(hub: Hub, tmp_path: Path) -> None:
    hub.files[REPO][IQ2] = gguf(padding=2 * CHUNK)
    hub.cut_after, hub.refuse_after_cut = CHUNK + 1000, True
    first = pull(hub, tmp_path, REPO, "--file", IQ2, "--yes")
    assert first.returncode == 1
    assert "The same command goes on from there." in first.stderr
    assert not (tmp_path / "models" / REPO / IQ2).exists()

    hub.down = False
    hub.requests.clear()
    second = pull(hub, tmp_path, REPO, "--file", IQ2, "--yes")
    assert second.returncode == 0, second.stderr
    assert hub.ranges(IQ2) == [f"bytes={CHUNK}-"]
    assert (tmp_path / "models" / REPO / IQ2).read_bytes() == hub.files[REPO][IQ2]


def test_a_short_cut_is_mended_within_the_same_run(hub: Hub, tmp_path: Path) -> None:
    hub.files[REPO][IQ2] = gguf(padding=2 * CHUNK)
    hub.cut_after = CHUNK + 1000
    done = pull(hub, tmp_path, f"{REPO}:UD-IQ2_M", "--yes")
    assert done.returncode == 0, done.stderr
    assert hub.ranges(IQ2) == [None, f"bytes={CHUNK}-"]


def test_the_licence_is_asked_for(hub: Hub, tmp_path: Path) -> None:
    done = pull(hub, tmp_path, f"{REPO}:UD-IQ2_M", answer="y\n")  # standard input is a pipe, not a person
    assert done.returncode == 1
    assert "say so with --yes" in done.stderr
    assert hub.ranges(IQ2) == []


@pytest.mark.parametrize(("answer", "code"), [(b"yes\n", 0), (b"n\n", 1), (b"\n", 1)])
def test_a_person_is_asked(hub: Hub, tmp_path: Path, answer: bytes, code: int) -> None:
    keyboard, terminal = os.openpty()
    try:
        os.write(keyboard, answer)
        done = pull(hub, tmp_path, f"{REPO}:UD-IQ2_M", terminal=terminal)
    finally:
        os.close(keyboard)
        os.close(terminal)
    assert done.returncode == code, done.stderr
    assert "Do you accept it? [y/N]" in done.stderr
    assert ("Nothing was fetched." in done.stderr) == (code == 1)


def test_no_room_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    plan = Plan("org", "repo", "c" * 40, (RemoteFile("a.gguf", 10**18),), None)
    with pytest.raises(HubError, match=r"1000000\.00 TB are still to come"):
        fetch(plan, tmp_path)


@pytest.mark.parametrize(
    ("name", "hint"), [("MiniMax-M3", "unsloth/MiniMax-M3-GGUF"), ("m2.7", "M2.7"), ("?", "org/repo")]
)
def test_a_model_s_name_lists_repositories(name: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", name]) == 1
    assert hint in capsys.readouterr().err


def test_unclear_wishes_are_explained(hub: Hub, tmp_path: Path) -> None:
    several = pull(hub, tmp_path, REPO, "--yes")
    assert several.returncode == 1
    assert "MiniMax-M2.7-UD-IQ2_M    300.5 kB" in several.stderr
    assert "MiniMax-M2.7-UD-Q4_K_M    90.6 kB" in several.stderr
    assert "mmproj" not in several.stderr
    assert "has no 'Q9'" in pull(hub, tmp_path, REPO, "--quant", "Q9", "--yes").stderr


def test_what_is_not_there_is_said(hub: Hub, tmp_path: Path) -> None:
    assert "no repository org/nothing" in pull(hub, tmp_path, "org/nothing", "--yes").stderr
    assert "has no revision 'v9'" in pull(hub, tmp_path, REPO, "--revision", "v9", "--yes").stderr
    hub.files["org/plain"] = {"model.safetensors": b""}
    assert "holds no GGUF files" in pull(hub, tmp_path, "org/plain", "--yes").stderr


def test_a_file_that_would_not_run_is_refused(hub: Hub, tmp_path: Path) -> None:
    values = {key: value for key, value in M2.items() if "gating" not in key}
    hub.files["org/MiniMax-M2-GGUF"] = {"bad.gguf": gguf(values)}
    done = pull(hub, tmp_path, "org/MiniMax-M2-GGUF", "--yes")
    assert done.returncode == 1
    assert "MIT" in done.stderr
    assert "does not name its experts' gating function" in done.stderr
