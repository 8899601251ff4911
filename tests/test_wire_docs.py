"""Every wire fact that the code cites exists in docs/wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WIRE = ROOT / "docs" / "wire"
PAGES = sorted(page for page in WIRE.glob("*.md") if page.name != "README.md")
CITED_IN = ("src", "tests", "bench", "docs", "clients")
SUFFIXES = {".py", ".md", ".toml", ".jinja", ".js", ".mjs", ".c"}

_CITATION = re.compile(
    r"docs/wire/(?P<page>[a-z0-9]+)\.md(?P<rest>(?:[\s#]*(?:,|and|to|§[0-9]+[a-z]?(?:\.[0-9]+)*(?:-[0-9]+)?))*)"
)
_SECTION = re.compile(r"§([0-9]+[a-z]?(?:\.[0-9]+)*)")
_HEADING = re.compile(r"^#{2,4} ([0-9]+[a-z]?(?:\.[0-9]+)*)[. ]", re.MULTILINE)


def files() -> Iterator[Path]:
    for folder in CITED_IN:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and "node_modules" not in path.parts and ".venv" not in path.parts:
                yield path


def sections(page: Path) -> set[str]:
    """The sections of a page: its numbered headings, and the numbered items of a section as SECTION.ITEM."""
    found: set[str] = set()
    current = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            current = heading[1]
            found.add(current)
        elif current and (item := re.match(r"([0-9]+)\. ", line)):
            found.add(f"{current}.{item[1]}")
    return found


def citations() -> list[tuple[str, str, str]]:
    """Return (file, page, section) of every citation."""
    found = []
    for path in files():
        # A docstring or comment may break a citation over two lines.
        text = re.sub(r"\n\s*#?\s*", " ", path.read_text(encoding="utf-8"))
        for match in _CITATION.finditer(text):
            name = str(path.relative_to(ROOT))
            found += [(name, match["page"], section) for section in _SECTION.findall(match["rest"])]
            found.append((name, match["page"], ""))
    return found


def test_every_cited_section_exists() -> None:
    known = {page.stem: sections(page) | {""} for page in PAGES}
    cited = citations()
    missing = [f"{file}: {page} §{section}" for file, page, section in cited if section not in known.get(page, set())]
    assert not missing
    assert sum(bool(section) for _, _, section in cited) > 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_names_its_scope_date_and_marks(page: Path) -> None:
    head = page.read_text(encoding="utf-8")[:600]
    assert re.search(r"as of [^.]*20[0-9]{2}", head)
    assert "README.md" in head


def test_sections_are_cited_with_their_page() -> None:
    """A bare `§4.3` leads nowhere; RFCs have sections of their own."""
    bare = []
    for path in files():
        if path.suffix != ".py" or path == Path(__file__):
            continue
        text = re.sub(r"\n\s*#?\s*", " ", path.read_text(encoding="utf-8"))
        rest = _CITATION.sub("", text)
        rest = re.sub(r"RFC [0-9]+ §[0-9.]+|\|§\)", "", rest)
        bare += [f"{path.relative_to(ROOT)}: {found}" for found in re.findall(r"§[0-9]\S*", rest)]
    assert not bare
