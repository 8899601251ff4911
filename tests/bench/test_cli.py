"""`maxserve bench` as a user calls it, against the instant server in a process of its own."""

import json
import subprocess
import sys

import pytest

from maxserve.cli.main import main


@pytest.fixture
def address(request):
    mode = getattr(request, "param", "stream")
    command = [sys.executable, "-m", "maxserve.bench.instant", mode, "5"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


def test_the_table_and_the_report_say_the_same(address, capsys, tmp_path):
    file = tmp_path / "report.json"
    code = main(["bench", address, "--model", "m", "--concurrency", "1,2", "--requests", "6", "--json", str(file)])
    out = capsys.readouterr().out
    assert code == 0
    assert "concurrency 1" in out
    assert "concurrency 2" in out
    assert "not every answer had usage" in out
    report = json.loads(file.read_bytes())
    assert [level["concurrency"] for level in report["levels"]] == [1, 2]
    assert [level["summaries"][0]["requests"] for level in report["levels"]] == [6, 6]
    assert report["urls"] == [f"{address}/v1/chat/completions"]


@pytest.mark.parametrize("address", ["whole"], indirect=True)
def test_two_addresses_are_compared(address, capsys):
    args = ["--no-stream", "--model", "m", "--concurrency", "2", "--requests", "8", "--rounds", "2", "--json", "-"]
    assert main(["bench", address, "--against", f"{address}/v1/completions", *args]) == 0
    (level,) = json.loads(capsys.readouterr().out)["levels"]
    assert [s["requests"] for s in level["summaries"]] == [8, 8]
    assert level["comparison"]["tokens_per_second"]["median"] > 0
    assert level["rounds"] == 2


def test_a_comparison_is_shown_with_its_spread(address, capsys):
    args = ["--model", "m", "--concurrency", "2", "--requests", "8", "--rounds", "2"]
    assert main(["bench", address, "--against", address, *args]) == 0
    out = capsys.readouterr().out
    assert "first / second (least to most)" in out
    assert "first minus second over 2 rounds" in out


@pytest.mark.parametrize(
    "words",
    [
        ["ftp://h"],
        ["http://h", "--concurrency", "0"],
        ["http://h", "--concurrency", "1,1"],
        ["http://h", "--requests", "-1"],
        ["http://h", "--duration", "soon"],
    ],
)
def test_a_wrong_call_is_refused(words, capsys):
    try:
        code = main(["bench", *words])
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert "maxserve bench" in capsys.readouterr().err


def test_nobody_there_is_said_in_a_sentence(address, capsys):
    closed = "http://127.0.0.1:1"
    assert main(["bench", closed, "--model", "m"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("maxserve bench: ")
    assert "Traceback" not in error


def test_a_prompt_may_be_a_file(address, tmp_path, capsys):
    file = tmp_path / "prompt.txt"
    file.write_text("from a file")
    assert main(["bench", address, "--model", "m", "--requests", "1", "--concurrency", "1", "--prompt", str(file)]) == 0
    long = "no file has a name like this " * 200
    assert main(["bench", address, "--model", "m", "--requests", "1", "--concurrency", "1", "--prompt", long]) == 0
