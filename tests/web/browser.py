"""Drives a real Chromium through its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from typing import IO, Any

import pytest
from websockets.sync.client import ClientConnection, connect

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str:
    """Return the browser's path; skips the test where there is none."""
    for name in PROGRAMS:
        if path := shutil.which(name):
            return path
    pytest.skip(f"no browser is installed: none of {', '.join(PROGRAMS)}")


class Page:
    """One page of the browser; `complaints` are the errors that its console and its policy raised."""

    def __init__(self, socket: ClientConnection, session: str) -> None:
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self._socket = socket
        self._session = session
        self._ids = itertools.count(100)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are noted."""
        return _ask(self._socket, next(self._ids), method, params, self._session, self._note)

    def open(self, url: str) -> None:
        """Go to `url` and wait until it is loaded."""
        self.command("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """Return the value of a JavaScript expression; a promise is waited for."""
        result = self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, script: str, seconds: float = 60.0) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < end, f"never true: {script}"
            self.run("new Promise((done) => setTimeout(done, 20))")

    def press(self, key: str, **more: Any) -> None:
        """Press and release a key."""
        text = {"Enter": "\r", " ": " "}.get(key)
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            code = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}.get(key, 0)
            self.command("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **extra, **more)

    def type(self, text: str) -> None:
        """Type text into whatever has the focus."""
        self.command("Input.insertText", text=text)

    def look(self, width: int, height: int, *, dark: bool = False) -> None:
        """Give the window a size and a colour scheme."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = "dark" if dark else "light"
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def shot(self) -> bytes:
        """Return a picture of the window as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot")["data"])

    def _note(self, event: dict[str, Any]) -> None:
        method, params = event.get("method"), event.get("params", {})
        if method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"]))
        elif method == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])


@contextlib.contextmanager
def browser() -> Iterator[Page]:
    """Start the browser and yield its page."""
    program = chromium()
    with tempfile.TemporaryDirectory(prefix="maxserve-browser-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
             f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stderr is not None
            with connect(_address(process.stderr), max_size=None, open_timeout=30) as socket:
                target = _ask(socket, 1, "Target.createTarget", {"url": "about:blank"})["targetId"]
                asked = {"targetId": target, "flatten": True}
                yield Page(socket, _ask(socket, 2, "Target.attachToTarget", asked)["sessionId"])
        finally:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def _address(errors: IO[str]) -> str:
    for line in errors:
        if line.startswith("DevTools listening on "):
            return line.removeprefix("DevTools listening on ").strip()
    raise AssertionError("the browser did not start")


def _ask(
    socket: ClientConnection,
    id: int,
    method: str,
    params: dict[str, Any],
    session: str | None = None,
    note: Any = lambda event: None,
) -> dict[str, Any]:
    socket.send(
        json.dumps({"id": id, "method": method, "params": params, **({"sessionId": session} if session else {})})
    )
    while True:
        message = json.loads(socket.recv(timeout=60))
        if message.get("id") == id:
            assert "error" not in message, message["error"]
            result: dict[str, Any] = message["result"]
            return result
        note(message)
