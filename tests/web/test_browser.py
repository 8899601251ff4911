"""The reference page in a real browser: it asks the server, shows streams, and keeps to its policy."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.serving import Served, serving

from .browser import Page, browser

KEY = "sk-browser-key-12"
CHAT = "document.getElementById('createChatCompletion')"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving("--key", KEY, "--context", "1024", "--without", "m3") as running:
        yield running


@pytest.fixture
def opened(page: Page, served: Served) -> Page:
    page.complaints.clear()
    page.requested.clear()
    page.look(1280, 900)
    page.open(f"{served.url}/docs")
    return page


def ask(page: Page, operation: str, body: str | None = None) -> None:
    """Send what an operation's form holds, or `body`, and wait for the end of the answer."""
    here = f"document.getElementById('{operation}')"
    if body is not None:
        page.run(f"{here}.querySelector('textarea').value = {body!r}")
    page.run(f"{here}.querySelector('.send').click()")
    page.wait(f"/^(Done|No answer)/.test({here}.querySelector('.state').textContent)")


def text(page: Page, operation: str, selector: str) -> str:
    return str(page.run(f"document.getElementById('{operation}').querySelector('{selector}').textContent"))


def test_it_shows_an_answer(opened: Page) -> None:
    ask(opened, "createChatCompletion")
    assert text(opened, "createChatCompletion", ".meta").startswith("401")
    opened.run("document.getElementById('key').focus()")
    opened.type(KEY)
    ask(opened, "createChatCompletion")
    assert text(opened, "createChatCompletion", ".meta").startswith("200")
    assert "demo-m2" in text(opened, "createChatCompletion", ".meta")
    assert "Paris" in text(opened, "createChatCompletion", ".said pre")
    assert text(opened, "createChatCompletion", ".thought pre")
    assert '"object": "chat.completion"' in text(opened, "createChatCompletion", ".raw pre")


PARIS = '"messages":[{"role":"user","content":"What is the capital of France?"}]}'
STREAMS = {
    "createChatCompletion": '{"model":"minimax/m2.7","stream":true,' + PARIS,
    "createMessage": '{"model":"MiniMax-M2.7","stream":true,' + PARIS,
    "createResponse": '{"model":"minimax/m2.7","stream":true,"input":"What is the capital of France?"}',
    "createMinimaxNativeCompletion": '{"model":"MiniMax-M2.7","stream":true,"reasoning_split":true,' + PARIS,
    "runTasks": '[{"taskType":"textInference","taskUUID":"0d2f6f0e-6f3b-4c0e-9a58-3a8d3a5b1c11",'
    '"deliveryMethod":"stream","model":"minimax:m2.7@0","settings":{"splitThinking":true},' + PARIS + "]",
    "createCompletion": '{"model":"minimax/m2.7","stream":true,"prompt":"The capital of France is","max_tokens":8}',
}


@pytest.mark.parametrize("operation", STREAMS)
def test_it_shows_streams_of_every_api(opened: Page, operation: str) -> None:
    opened.run(f"document.getElementById('key').value = {KEY!r}")
    ask(opened, operation, STREAMS[operation])
    said = text(opened, operation, ".said pre")
    assert said
    if operation != "createCompletion":
        assert said.count("Paris") == 1
        assert text(opened, operation, ".thought pre")


def test_a_task_that_is_sent_again_gets_an_id_of_its_own(opened: Page) -> None:
    """And what asks for a task later asks for the latest."""
    opened.run(f"document.getElementById('key').value = {KEY!r}")
    sent = []
    for _ in range(2):
        ask(opened, "runTasks")
        assert text(opened, "runTasks", ".meta").startswith("200")
        sent.append(json.loads(text(opened, "runTasks", ".raw pre"))["data"][0]["taskUUID"])
    assert len(set(sent)) == 2
    choose(opened, "runTasks", "Asked for later")
    ask(opened, "runTasks")
    (item,) = json.loads(text(opened, "runTasks", ".raw pre"))["data"]
    assert (item["taskUUID"], item["status"]) == (sent[1], "success")


def choose(page: Page, operation: str, example: str) -> None:
    here = f"document.getElementById('{operation}').querySelector('select')"
    page.run(
        f"(() => {{ {here}.value = {example!r}; {here}.dispatchEvent(new Event('change', {{ bubbles: true }})); }})()"
    )


def test_every_api_without_a_body_is_asked_too(opened: Page) -> None:
    opened.run(f"document.getElementById('key').value = {KEY!r}")
    ask(opened, "retrieveModel")
    assert '"id": "minimax/m2.7"' in text(opened, "retrieveModel", ".raw pre")
    ask(opened, "ready")
    assert '"status": "ready"' in text(opened, "ready", ".raw pre")


def test_curl_names_this_server_and_never_the_key(opened: Page, served: Served) -> None:
    curl = text(opened, "createChatCompletion", ".curl")
    assert curl.startswith(f"curl '{served.url}/v1/chat/completions'")
    opened.run("document.getElementById('key').focus()")
    opened.type(KEY)
    curl = text(opened, "createChatCompletion", ".curl")
    assert "Bearer $MAXSERVE_KEY" in curl
    assert KEY not in curl
    assert opened.run("JSON.stringify([localStorage.length, sessionStorage.length, document.cookie])") == '[0,0,""]'


def test_an_example_fills_the_form(opened: Page) -> None:
    opened.run(
        f"(() => {{ const select = {CHAT}.querySelector('select'); select.selectedIndex = 1;"
        " select.dispatchEvent(new Event('change', { bubbles: true })); })()"
    )
    assert '"stream": true' in opened.run(f"{CHAT}.querySelector('textarea').value")
    assert "--no-buffer" in text(opened, "createChatCompletion", ".curl")


def test_it_obeys_the_keyboard(opened: Page) -> None:
    opened.press("Tab")
    assert opened.run("document.activeElement.className") == "skip"
    opened.press("Enter")
    assert opened.run("location.hash") == "#content"
    opened.run(f"document.getElementById('key').value = {KEY!r}; {CHAT}.querySelector('textarea').focus()")
    opened.press("Enter", modifiers=2)
    opened.wait(f"{CHAT}.querySelector('.state').textContent.startsWith('Done')")
    unnamed = (
        "[...document.querySelectorAll('button, a, input, select, textarea')].filter((one) => !(one.textContent.trim()"
        " || one.labels?.length || one.ariaLabel)).length"
    )
    assert opened.run(unnamed) == 0


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_sticks_out(opened: Page, width: int) -> None:
    opened.look(width, 800, dark=True)
    opened.run("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert opened.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    if width == 360:
        opened.run("document.querySelector('.menu').click()")
        assert opened.run("getComputedStyle(document.getElementById('nav')).display") == "block"
        opened.press("Escape")
        assert opened.run("getComputedStyle(document.getElementById('nav')).display") == "none"


CONTRAST = """
(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const linear = (one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = colour.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour.slice(0, 3);
    }
  };
  const weak = new Set();
  for (const one of document.querySelectorAll('main *, nav *')) {
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!says || !one.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color).slice(0, 3)), light(behind(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) weak.add(`${one.tagName}.${one.className}`);
  }
  return [...weak].join(' ');
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_can_be_read(opened: Page, dark: bool) -> None:
    opened.look(1280, 900, dark=dark)
    assert opened.run(CONTRAST) == ""


def test_it_keeps_to_its_policy_and_to_its_server(opened: Page, served: Served) -> None:
    opened.run(f"document.getElementById('key').value = {KEY!r}")
    ask(opened, "listModels")
    assert opened.complaints == []
    assert all(url.startswith((served.url, "data:")) for url in opened.requested)
    blocked = "fetch('http://127.0.0.2:9/').then(() => 'sent', () => 'blocked')"
    assert opened.run(blocked) == "blocked"
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)
