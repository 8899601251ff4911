"""`maxserve openapi`: the document without a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maxserve.cli.main import main


def test_the_document_is_printed_and_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--data-dir", str(tmp_path / "data")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]
    assert "/v1/messages" in document["paths"]
    assert not (tmp_path / "data").exists()


def test_it_names_an_address_and_obeys_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "maxserve.toml"
    file.write_text("[cloudsway]\nmax_output = 2048\n")
    assert main(["openapi", "--config", str(file), "--server", "https://models.example"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["servers"] == [{"url": "https://models.example"}]
    limits = document["components"]["schemas"]["CloudswayChatRequest"]["properties"]["max_tokens"]
    assert limits["maximum"] == 2048
