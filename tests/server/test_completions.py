"""Completions over HTTP: both paths, errors with their status, the hang-up."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.serving import Served, serving

from .test_http import ask, open_request

ONCE = {"model": "minimax/m2.7", "prompt": "The capital of France is", "temperature": 0}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--parallel", "2") as running:
        yield running


@pytest.mark.parametrize("path", ["/v1/completions", "/openai/v1/completions"])
def test_both_paths_answer(served: Served, path: str) -> None:
    status, body, headers = ask(served, "POST", path, ONCE)
    assert (status, body["object"]) == (200, "text_completion")
    assert headers["x-maxserve-checkpoint"] == "demo-m2"
    assert body["id"] == "cmpl-" + headers["x-request-id"].removeprefix("req_")
    assert ask(served, "GET", path)[0] == 405


def test_a_prompt_that_does_not_fit_is_named(served: Served) -> None:
    for stream in (False, True):
        wish = {**ONCE, "prompt": ["short", "long " * 10_000], "stream": stream}
        connection, response = open_request(served, "POST", "/v1/completions", wish)
        body = response.read().decode()
        connection.close()
        if not stream:
            error = json.loads(body)["error"]
            assert (response.status, error["param"]) == (400, "prompt")
            assert error["code"] == "context_length_exceeded"
        else:  # the short one may have begun
            assert '"code":"context_length_exceeded"' in body


def test_more_results_than_the_server_gives(served: Served) -> None:
    status, body, _ = ask(served, "POST", "/v1/completions", {**ONCE, "prompt": ["a"] * 9, "n": 2})
    assert (status, body["error"]["param"]) == (400, "prompt")
    assert "18 results" in body["error"]["message"]


def test_a_gone_client_frees_every_slot(served: Served) -> None:
    # More results than slots, each to the end of the context: without a hang-up nothing else would be answered in time.
    for stream in (True, False):
        wish = {**ONCE, "prompt": ["1 2 3"] * 8, "n": 2, "max_tokens": 4000, "temperature": 2, "stream": stream}
        connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
        connection.request("POST", "/v1/completions", json.dumps(wish))
        if stream:
            connection.getresponse().readline()
        connection.close()
        assert ask(served, "POST", "/v1/completions", {**ONCE, "max_tokens": 1})[0] == 200
