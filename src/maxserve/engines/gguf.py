"""Reads the header of a GGUF file: what model is in it, before anything loads it.

Source: the GGUF specification of ggml (docs/gguf.md), versions 2 and 3, little endian.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

MAGIC = b"GGUF"
MAX_STRING = 64 * 1024 * 1024
MAX_COUNT = 100_000_000

_STRING, _ARRAY = 8, 9
_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip

_SHARD = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$")


class BadGGUF(ValueError):
    """The file is not a GGUF file that we can read; the message says why, with the file's name."""


class Header(msgspec.Struct, frozen=True):
    """The metadata of a GGUF file; arrays are left out, their lengths kept in `lengths`."""

    path: Path
    values: dict[str, Any]
    lengths: dict[str, int]
    tensors: int

    @property
    def architecture(self) -> str:
        """`general.architecture`, "" where it is missing."""
        return str(self.values.get("general.architecture", ""))

    @property
    def name(self) -> str:
        """`general.name`, the file's own name where it is missing."""
        return str(self.values.get("general.name") or self.path.stem)

    @property
    def template(self) -> str | None:
        """The chat template, None where there is none."""
        template = self.values.get("tokenizer.chat_template")
        return template if isinstance(template, str) and template.strip() else None

    @property
    def context(self) -> int | None:
        """The context that the model was made for, in tokens."""
        length = self.get("context_length")
        return length if isinstance(length, int) else None

    @property
    def sparse(self) -> bool:
        """Whether the model has block-sparse attention (M3's indexer)."""
        return bool(self.get("attention.indexer.block_size"))

    def get(self, key: str) -> Any:
        """Return the value of a key of the architecture's own, None where it is missing."""
        return self.values.get(f"{self.architecture}.{key}")


def read(path: Path) -> Header:
    """Read the header of `path`; raises `BadGGUF`, and `OSError` where the file cannot be opened."""
    with path.open("rb") as file:
        magic = file.read(4)
        if magic != MAGIC:
            raise BadGGUF(f"{path} is not a GGUF file (it begins with {magic!r}).{_guess(magic)}")
        try:
            version = _scalar(file, "<I")
            if version not in (2, 3):
                raise BadGGUF(f"{path} has GGUF version {version}; versions 2 and 3 can be read.")
            tensors, count = _scalar(file, "<Q"), _scalar(file, "<Q")
            if count > MAX_COUNT or tensors > MAX_COUNT:
                raise BadGGUF(f"{path} has a damaged header.")
            values: dict[str, Any] = {}
            lengths: dict[str, int] = {}
            for _ in range(count):
                key = _string(file)
                kind = _scalar(file, "<I")
                if kind == _ARRAY:
                    lengths[key] = _skip_array(file)
                elif kind == _STRING:
                    values[key] = _string(file)
                else:
                    values[key] = _scalar(file, _format(kind))
            end = _tensors_end(file, tensors, int(values.get("general.alignment", 32)))
        except (struct.error, EOFError):
            raise BadGGUF(f"{path} is cut off inside its header; get it again.") from None
        except (UnicodeDecodeError, KeyError) as error:
            raise BadGGUF(f"{path} has a damaged header ({error}).") from None
        size = path.stat().st_size
        if end is not None and size < end:
            raise BadGGUF(f"{path} is cut off: {size} bytes are there, {end} are needed at least; get it again.")
        return Header(path, values, lengths, tensors)


def shards(path: Path) -> list[Path]:
    """Return all files of a split GGUF in order, or the one file.

    Any part may be named. Raises `BadGGUF` with the names of the parts that are missing.
    """
    found = _SHARD.match(path.name)
    if found is None:
        return [path]
    stem, count = found["stem"], int(found["count"])
    parts = [path.with_name(f"{stem}-{number:05d}-of-{count:05d}.gguf") for number in range(1, count + 1)]
    missing = [part.name for part in parts if not part.is_file()]
    if missing:
        raise BadGGUF(f"{path.name} is one of {count} parts; missing beside it: {', '.join(missing)}.")
    return parts


def stem(path: Path) -> str:
    """Return a file's name without ending and part number."""
    found = _SHARD.match(path.name)
    return found["stem"] if found else path.stem


def _tensors_end(file: BinaryIO, tensors: int, alignment: int) -> int | None:
    """Read the tensor list and return the least size that the file can have: where the last tensor begins."""
    last = -1
    for _ in range(tensors):
        _string(file)
        dimensions = _scalar(file, "<I")
        _read(file, 8 * dimensions + 4)
        last = max(last, _scalar(file, "<Q"))
    if last < 0:
        return None
    position = file.tell()
    return position + (-position % alignment) + last + 1


def _guess(magic: bytes) -> str:
    if magic == b"vers":
        return " It looks like a Git LFS pointer: the weights themselves were not downloaded."
    if magic[:1] in (b"<", b"{"):
        return " It looks like a page or an error message that was saved in its place."
    return ""


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _format(kind: int) -> str:
    return _SCALARS[kind]


def _scalar(file: BinaryIO, form: str) -> Any:
    return struct.unpack(form, _read(file, struct.calcsize(form)))[0]


def _string(file: BinaryIO) -> str:
    length = _scalar(file, "<Q")
    if length > MAX_STRING:
        raise EOFError
    return _read(file, length).decode("utf-8")


def _skip_array(file: BinaryIO) -> int:
    """Pass over an array and return its length."""
    kind, count = _scalar(file, "<I"), _scalar(file, "<Q")
    if count > MAX_COUNT:
        raise EOFError
    if kind == _STRING:
        for _ in range(count):
            size = struct.unpack("<Q", _read(file, 8))[0]
            if size > MAX_STRING:
                raise EOFError
            file.seek(size, 1)
    elif kind == _ARRAY:
        for _ in range(count):
            _skip_array(file)
    else:
        file.seek(count * struct.calcsize(_format(kind)), 1)
    return int(count)
