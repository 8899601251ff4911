"""What the pages say is true: their examples run, their tables are complete, their links lead somewhere.

Every block of code in bash, Python, JavaScript or TOML is tried. Above a block stands `<!-- run -->`, or
`<!-- run: TEXT -->` where its output must hold TEXT, or `<!-- not run: REASON -->`. TOML needs no mark: it must be a
configuration or a catalogue. JavaScript that uses `env.AI` is run in a Worker, other in Node.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from maxserve.catalogue import Catalogue
from maxserve.cli.main import COMMANDS, build_parser
from maxserve.cli.slash import HELP
from maxserve.config import load
from maxserve.config.flat import flatten
from maxserve.config.settings import KeySettings
from maxserve.engines import EmbeddedSettings, OpenAIHttpSettings
from tests.clients.runware.environments import python_of
from tests.support.serving import Served, serving
from tests.support.workerd import workerd

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "clients").glob("*/README.md")),
]
BLOCK = re.compile(r"(?:^<!-- (?P<mark>.*?) -->\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
RUNNABLE = {"bash", "sh", "python", "js", "javascript"}


class Block(NamedTuple):
    """One fenced block and the mark above it."""

    page: Path
    line: int
    mark: str | None
    language: str
    code: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("language")) + 1
            yield Block(page, line, match["mark"], match["language"], match["code"])


BLOCKS = list(blocks())
EXAMPLES = [block for block in BLOCKS if (block.mark or "").partition(":")[0] == "run"]
TABLES = [block for block in BLOCKS if block.language == "toml"]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    # A small context ends an answer that a demo checkpoint would draw out.
    with serving("--context", "1024") as running:
        yield running


def test_pages_have_examples() -> None:
    assert len(EXAMPLES) >= 5
    assert len(TABLES) >= 4


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language in RUNNABLE], ids=lambda block: block.name
)
def test_every_example_is_run_or_says_why_not(block: Block) -> None:
    assert block.mark is not None, "mark it <!-- run --> or <!-- not run: REASON -->"
    word, _, reason = block.mark.partition(":")
    assert word == "run" or (word == "not run" and reason.strip())


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.name)
def test_example(block: Block, served: Served, tmp_path: Path) -> None:
    expected = (block.mark or "").partition(":")[2].strip()
    if block.language in ("js", "javascript") and "env.AI" in block.code:
        with workerd(ROOT / "tests" / "clients" / "workers" / "probe.capnp", served.url) as url:
            told = httpx.post(url, content=block.code, timeout=100).json()
        assert "thrown" not in told, told
        assert told["lines"]
        assert expected in str(told["lines"])
        return
    done = subprocess.run(
        _command(block, tmp_path, served.url),
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert expected in done.stdout


def _command(block: Block, folder: Path, url: str) -> list[str]:
    code = block.code.replace("http://localhost:8080", url)
    code = code.replace("ws://localhost:8080", url.replace("http:", "ws:"))
    if block.language == "python" and "from runware import" in code:
        return [str(python_of("new" if "ws_base_url" in code else "legacy")), "-c", code]
    if block.language == "python":
        return [sys.executable, "-W", "error", "-c", code]
    if block.language in ("js", "javascript"):
        return ["node", str(_script(code))]
    return ["bash", "-euo", "pipefail", "-c", code.replace("curl ", "curl --silent --show-error --fail ")]


def _script(code: str) -> Path:
    clients = ROOT / "tests" / "clients"
    if "workers-ai-provider" in code:
        clients /= "workers"  # its AI SDK is another one
    if "@runware/" in code:
        clients /= "runware"
    if shutil.which("node") is None or not (clients / "node_modules").is_dir():
        pytest.skip("Node.js is missing, or npm install was not run in tests/clients")
    # Node looks for packages beside the script.
    path = clients / "node_modules" / ".example.mjs"
    path.write_text(code, encoding="utf-8")
    return path


@pytest.mark.parametrize("block", TABLES, ids=lambda block: block.name)
def test_toml(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text(block.code, encoding="utf-8")
    if "models" in tomllib.loads(block.code):
        Catalogue.load(path)
    else:
        load(cwd=tmp_path)


def test_every_key_is_documented_with_its_default(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    loaded = load(cwd=tmp_path)
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    expected = []
    for key, value in flatten(loaded.config).items():
        if key.startswith("engines."):
            continue
        variable = "MAXSERVE_" + key.replace(".", "_").upper()
        default = "the platform's" if key == "data_dir" else _default(value)
        expected.append(f"| `{key}` | `{variable}` | {default} |")
        if key == "auth.signing_key":
            expected += [
                f"| `keys.NAME.{field.name}` | `MAXSERVE_KEYS_NAME_{field.name.upper()}` | {_default(field.default)} |"
                for field in msgspec.structs.fields(KeySettings)
            ]
    for struct in (EmbeddedSettings, OpenAIHttpSettings):
        for field in msgspec.structs.fields(struct):
            default = "required" if field.default is msgspec.NODEFAULT else _default(field.default)
            expected.append(f"| `{field.name}` | {default} |")
    assert [row[: len(start)] for row, start in zip(rows, expected, strict=True)] == expected


def _default(value: Any) -> str:
    if value is None:
        return "not set"
    return f"`{msgspec.json.encode(value).decode()}`"


def test_every_command_and_flag_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        section = re.search(rf"^## `maxserve {command}`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
        assert section, f"docs/cli.md has no section for {command}"
        for flag in _flags(_parser_of(command)):
            assert f"`{flag}" in section[1], f"docs/cli.md does not tell of {command} {flag}"
        told = set(re.findall(r"`(--[a-z-]+)", section[1]))
        assert told <= {*_flags(_parser_of(command)), "--help"}, f"docs/cli.md tells of flags that {command} has not"


def test_every_slash_command_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for usage in HELP:
        assert f"`{usage}`".replace("|", "\\|") in page


def _parser_of(command: str) -> ArgumentParser:
    commands = next(action for action in build_parser(command)._actions if isinstance(action, _SubParsersAction))
    parser: ArgumentParser = commands.choices[command]
    return parser


def _flags(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for below in action.choices.values():
                yield from _flags(below)
        else:
            yield from (flag for flag in action.option_strings if flag.startswith("--") and flag != "--help")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
