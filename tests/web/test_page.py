"""The reference page: what it holds, and what a browser may do with it."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from maxserve.web import Answering, reference_page
from tests.openapi.describe import described
from tests.support.serving import Served, serving


class Outline(HTMLParser):
    """Collects ids, links and unclosed elements."""

    VOID = frozenset({"meta", "link", "input", "path", "rect", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(str(values["id"]))
        for name in ("href", "src"):
            target = values.get(name) or ""
            if target.startswith("#"):
                self.links.append(target[1:])
            elif target and not target.startswith("data:") and target != "openapi.json":
                self.foreign.append(target)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html() -> str:
    answering = (Answering("m2", "ready", "demo-m2", True), Answering("m3", "starting", None, False))
    return reference_page(described(), answering).body.decode()


def test_it_is_whole_and_needs_nothing_from_elsewhere(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.links) <= {*outline.ids, "top"}
    assert outline.foreign == []
    assert len(gzip.compress(html.encode())) < 100_000


def test_every_operation_is_there_once(html: str) -> None:
    for item in described()["paths"].values():
        for operation in item.values():
            assert html.count(f'id="{operation["operationId"]}"') == ("x-alias-of" not in operation)


def test_what_the_server_sends_is_shown_without_a_form(html: str) -> None:
    article = html.partition('id="runwareResult"')[2].partition("</article>")[0]
    assert "webhook-signature" in article
    assert "<form" not in article


def test_it_says_what_answers(html: str) -> None:
    assert "tiny demo weights" in html
    assert "starting" in html
    locked = reference_page(described(), (), keys=True).body.decode()
    assert "This server answers those who have a key." in locked
    assert "demo-m2" not in locked


def test_no_text_can_become_code() -> None:
    evil = {
        **described(),
        "info": {**described()["info"], "summary": "<script>alert(1)</script>", "description": "`<b>`"},
    }
    html = reference_page(evil).body.decode()
    assert "<script>alert" not in html
    assert "<code>&lt;b&gt;</code>" in html


@pytest.fixture(scope="module")
def locked() -> Iterator[Served]:
    with serving("--key", "sk-page-key-1234", "--without", "m3") as running:
        yield running


def get(served: Served, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_the_root_leads_to_the_page(locked: Served) -> None:
    response, body = get(locked, "/")
    assert (response.status, response.headers["location"]) == (307, "docs")
    assert b"/openapi.json" in body


def test_the_browser_may_do_little(locked: Served) -> None:
    response, _ = get(locked, "/docs")
    assert response.status == 200
    policy = dict(rule.strip().split(" ", 1) for rule in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    for name in ("script-src", "style-src"):
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]+'", policy[name])
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_it_is_sent_once(locked: Served, path: str) -> None:
    plain, body = get(locked, path)
    packed, small = get(locked, path, accept_encoding="br, gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small) == body
    assert plain.headers["etag"] != packed.headers["etag"]
    again, nothing = get(locked, path, if_none_match=f'"x", {plain.headers["etag"]}')
    assert (again.status, nothing) == (304, b"")
    assert again.headers["etag"] == plain.headers["etag"]
    assert "content-encoding" not in get(locked, path, accept_encoding="gzip;q=0")[0].headers
