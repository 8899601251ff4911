"""Downloads a plan's files so that an interruption costs little: each goes on where it broke off, also days later.

huggingface_hub's own download drops a part of a file when it ends early, which hurts at 40 GB a file. So the transfer
is its `http_get`, and the part beside the file is ours, named after the content's hash.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from .checkpoints import folder
from .gguf import BadGGUF, read
from .hub import HubError, Plan, RemoteFile, human, is_transport

SPARE_BYTES = 256 * 1024 * 1024
"""Disk space that a download leaves free."""

_RECORD = ".pulled.json"


class _Pulled(msgspec.Struct, frozen=True):
    """What is known of a file that was fetched whole."""

    etag: str
    size: int
    commit: str


def fetch(plan: Plan, data_dir: Path, *, on_file: Callable[[RemoteFile], None] | None = None) -> Path:
    """Download what is missing and return the first file; `on_file` hears of each file that is transferred.

    Files land in `data_dir/models/org/repo`. Raises `HubError`; what was fetched stays, for the next try.
    """
    place = folder(data_dir, plan.org, plan.repo)
    try:
        place.mkdir(parents=True, exist_ok=True)
        _check_space(plan, place)
        for file in plan.files:
            _fetch(plan, file, place, on_file)
        for file in plan.files:
            read(place / file.path)
    except BadGGUF as error:
        raise HubError(str(error)) from error
    except HubError:
        raise
    except Exception as error:
        if not (is_transport(error) or isinstance(error, (OSError, ValueError))):
            raise
        raise HubError(f"The download broke off: {error}\nThe same command goes on from there.") from error
    return place / plan.files[0].path


def _fetch(plan: Plan, file: RemoteFile, place: Path, on_file: Callable[[RemoteFile], None] | None) -> None:
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    url = hf_hub_url(f"{plan.org}/{plan.repo}", file.path, revision=plan.commit)
    headers = build_hf_headers()
    found = get_hf_file_metadata(url, headers=headers)
    etag, size = found.etag or plan.commit, found.size if found.size is not None else file.size
    target = place / file.path
    if _records(place).get(file.path) == _Pulled(etag, size, plan.commit) and _size(target) == size:
        return
    if on_file is not None:
        on_file(file)
    if size > constants.MAX_HTTP_DOWNLOAD_SIZE:
        # The hub hands out files this large through Xet only, which keeps no part; split checkpoints have none.
        hf_hub_download(f"{plan.org}/{plan.repo}", file.path, revision=plan.commit, local_dir=place)
        _write_records(place, {**_records(place), file.path: _Pulled(etag, size, plan.commit)})
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _part(target, etag)
    for stale in target.parent.glob(f"{target.name}.*.part"):
        if stale != part:
            stale.unlink()
    if urlsplit(found.location).netloc != urlsplit(url).netloc:
        headers.pop("authorization", None)  # the hub's key is not for the store that it points to
    with part.open("ab") as out:
        here = out.tell()
        if here > size:
            out.truncate(0)
            here = 0
        http_get(
            found.location, out, resume_size=here, headers=headers, expected_size=size, displayed_filename=target.name
        )
    _verify(part, etag)
    part.replace(target)
    _write_records(place, {**_records(place), file.path: _Pulled(etag, size, plan.commit)})


def _verify(part: Path, etag: str) -> None:
    """Compare the content with its hash, which is what the hub's etag is for large files; a wrong part is removed."""
    if len(etag) != 64:
        return
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != etag:
        part.unlink()
        raise HubError(f"{part.name} came damaged and was removed; pull it again.")


def _check_space(plan: Plan, place: Path) -> None:
    missing = 0
    for file in plan.files:
        target = place / file.path
        parts = max((_size(part) for part in target.parent.glob(f"{target.name}.*.part")), default=0)
        missing += max(0, file.size - max(_size(target), parts))
    free = shutil.disk_usage(place).free
    if missing > 0 and free < missing + SPARE_BYTES:
        raise HubError(
            f"{human(missing)} are still to come, and {place} has {human(free)} free. "
            "Make room, or choose another place with --data-dir."
        )


def _part(target: Path, etag: str) -> Path:
    name = "".join(character for character in etag if character.isalnum())[:16]
    return target.with_name(f"{target.name}.{name}.part")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _records(place: Path) -> dict[str, _Pulled]:
    try:
        return msgspec.json.decode((place / _RECORD).read_bytes(), type=dict[str, _Pulled])
    except (OSError, msgspec.DecodeError):
        return {}


def _write_records(place: Path, records: dict[str, _Pulled]) -> None:
    new = place / f"{_RECORD}.new"
    new.write_bytes(msgspec.json.encode(records))
    new.replace(place / _RECORD)
