"""What the programs of bench/ decide without measuring anything."""

import json

import pytest

pytest.importorskip("bench.process", reason="the programs of bench/ need Linux")

from bench import page
from bench.budget import BUDGETS, figure, table
from bench.kill import judge
from bench.native import request

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"


def frame(value):
    return b"data: " + json.dumps(value).encode() + b"\n\n"


WORD = frame({"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]})
LAST = frame({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
DONE = b"data: [DONE]\n\n"
ERROR = frame({"error": {"message": "the engine ended", "code": "engine_crashed"}})


@pytest.mark.parametrize(
    ("status", "head", "body", "kind"),
    [
        (200, STREAM, WORD + LAST + DONE, "whole"),
        (200, STREAM, b": keep-alive\n\n" + WORD + LAST + DONE, "whole"),
        (200, STREAM, WORD + ERROR, "clear error"),
        (200, STREAM, WORD + ERROR + WORD, "other"),
        (200, STREAM, WORD, "other"),
        (200, STREAM, WORD + LAST, "other"),
        (200, STREAM, WORD + DONE, "other"),
        (200, STREAM, WORD + b"data: {half\n\n", "other"),
        (200, STREAM, b"", "other"),
        (200, JSON, b'{"choices":[{"finish_reason":"stop"}]}', "whole"),
        (200, JSON, b'{"choices":[{"finish_reason":null}]}', "other"),
        (200, JSON, b"", "other"),
        (502, JSON, b'{"error":{"message":"the engine ended"}}', "clear error"),
        (503, JSON, b'{"error":{"message":""}}', "other"),
        (500, JSON, b"Internal Server Error", "other"),
        (400, JSON, b'{"error":{"message":"wrong"}}', "other"),
    ],
)
def test_an_answer_is_whole_or_a_clear_error_or_neither(status, head, body, kind):
    assert judge(status, head, body).kind == kind


def test_a_budget_holds_on_its_side_of_the_bar():
    assert BUDGETS["frames"].holds(150_000)
    assert not BUDGETS["frames"].holds(149_999)
    assert BUDGETS["idle"].holds(80)
    assert not BUDGETS["idle"].holds(80.1)


def test_the_table_has_the_bar_beside_the_value():
    head, _, row = table({"cold": 2.5})
    assert head == "| budget | bar | measured | |"
    assert row == "| cold start to the first token, demo model | ≤ 2 s | 2.5 s | **missed** |"
    assert len(table(dict.fromkeys(BUDGETS, 0.0))) == 2 + len(BUDGETS)


def test_figures_keep_three_that_count():
    assert [figure(v) for v in (0, 0.123, 1.234, 12.34, 1234.5)] == ["0", "0.12", "1.23", "12.3", "1,234"]


def test_a_section_is_replaced_and_the_others_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "REPORT", tmp_path / "REPORT.md")
    monkeypatch.setattr(page, "VALUES", tmp_path / "build" / "values.json")
    page.write({"relay": "## Relay\n\nstale", "summary": "## Sum"})
    section = page.Page("relay", "Relay", "command")
    section.measure("frames", 200_000)
    section.save()
    text = page.REPORT.read_text()
    assert text.index("## Sum") < text.index("## Relay")
    assert "stale" not in text
    assert "| 200,000 /s | holds |" in text
    assert page.values() == {"frames": 200_000}


def test_a_page_that_is_not_kept_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "REPORT", tmp_path / "REPORT.md")
    page.Page("relay", "Relay", "command", keep=False).save()
    assert not page.REPORT.exists()


def test_a_request_is_one_piece_of_http():
    head, _, body = request("/v1/x", {"a": 1}, "secret").partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/x HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret" in head
    assert b"Content-Length: %d" % len(body) in head
