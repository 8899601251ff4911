import json

import pytest

from maxserve.bench import Target, Workload


@pytest.mark.parametrize(
    ("url", "path", "models", "chat"),
    [
        ("http://h:1", "/v1/chat/completions", "/v1/models", True),
        ("h:1", "/v1/chat/completions", "/v1/models", True),
        ("http://h:1/v1/", "/v1/chat/completions", "/v1/models", True),
        ("http://h:1/openai/v1", "/openai/v1/chat/completions", "/openai/v1/models", True),
        ("http://h:1/v1/chat/completions", "/v1/chat/completions", "/v1/models", True),
        ("http://h:1/v1/completions", "/v1/completions", "/v1/models", False),
    ],
)
def test_an_address_is_a_server_a_base_or_an_endpoint(url, path, models, chat):
    target = Target.parse(url)
    assert (target.host, target.port, target.path, target.models, target.chat) == ("h", 1, path, models, chat)


def test_ports_and_brackets():
    assert Target.parse("https://h").port == 443
    assert Target.parse("https://h").tls
    assert b"\r\nHost: [::1]:80\r\n" in Target.parse("http://[::1]").get("/")


@pytest.mark.parametrize("url", ["ftp://h", "http://", "http://user:pass@h", "http://h/?key=1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ValueError, match="address"):
        Target.parse(url)


def test_a_request_carries_its_key_and_length():
    request = Target.parse("http://h:1", key="secret").post(b"{}")
    head, body = request.split(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /v1/chat/completions HTTP/1.1"
    assert b"Authorization: Bearer secret" in head.splitlines()
    assert b"Content-Length: 2" in head.splitlines()
    assert body == b"{}"
    assert b"Authorization" not in Target.parse("http://h:1").get("/")


def bodies(workload, url="http://h:1"):
    requests = workload.requests(Target.parse(url))
    return [json.loads(requests[number].partition(b"\r\n\r\n")[2]) for number in (0, 1)]


def test_requests_are_all_the_same_unless_asked_otherwise():
    first, second = bodies(Workload(model="m", prompt="hi"))
    assert first == second
    assert first["messages"] == [{"role": "user", "content": "hi"}]
    assert first["stream_options"] == {"include_usage": True}
    assert not {"seed", "temperature"} & set(first)


def test_fresh_prompts_and_seeds_differ_by_number():
    first, second = bodies(
        Workload(model="m", prompt="hi", fresh=True, seed=5, stream=False), "http://h:1/v1/completions"
    )
    assert (first["prompt"], second["prompt"]) == ("0. hi", "1. hi")
    assert (first["seed"], second["seed"]) == (5, 6)
    assert "stream" not in first
