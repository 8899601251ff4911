"""Asks a Hugging Face hub for GGUF files (`HF_ENDPOINT`, `HF_TOKEN` and the proxy variables are honoured)."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from .checkpoints import pick
from .gguf import stem

_NAME = re.compile(r"^(?P<org>[A-Za-z0-9][\w.-]*)/(?P<repo>[A-Za-z0-9][\w.-]*?)(:(?P<which>[^:]+))?$")


class HubError(Exception):
    """The files cannot be had; the message says why and what to do."""


class RemoteFile(msgspec.Struct, frozen=True):
    """A file of the repository; `size` in bytes."""

    path: str
    size: int


class Plan(msgspec.Struct, frozen=True):
    """What to fetch: files of one commit, and what the hub says of their licence."""

    org: str
    repo: str
    commit: str
    files: tuple[RemoteFile, ...]
    licence: str | None

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)

    @property
    def label(self) -> str:
        """What to write as `model` into the configuration."""
        return f"{self.org}/{self.repo}:{stem(Path(self.files[0].path))}"


def split_name(name: str) -> tuple[str, str, str | None] | None:
    """Split `org/repo[:which]`, None where `name` has another form."""
    found = _NAME.match(name)
    return (found["org"], found["repo"], found["which"]) if found else None


def plan(org: str, repo: str, which: str | None, revision: str | None) -> Plan:
    """Ask the hub for the repository's files and choose among them; raises `HubError`.

    `which` is a file's name or a quantisation; it may be left out where there is one checkpoint only. All parts of a
    split file belong together. Projectors (mmproj) and importance matrices are not weights and are passed over.
    """
    import huggingface_hub
    from huggingface_hub import errors

    name = f"{org}/{repo}"
    try:
        info = huggingface_hub.HfApi().model_info(name, revision=revision, files_metadata=True)
    except errors.GatedRepoError as error:
        raise HubError(f"{name} asks you to accept its terms on the hub first, then to set HF_TOKEN.") from error
    except errors.RevisionNotFoundError as error:
        raise HubError(f"{name} has no revision '{revision}'.") from error
    except errors.RepositoryNotFoundError as error:
        raise HubError(f"There is no repository {name}, or it is private and HF_TOKEN is not set.") from error
    except (errors.HfHubHTTPError, OSError, ValueError) as error:
        raise HubError(f"The hub cannot be asked about {name}: {error}") from error
    except Exception as error:
        if is_transport(error):
            raise HubError(f"The hub cannot be reached: {error}") from error
        raise
    files = [
        RemoteFile(sibling.rfilename, sibling.size or 0)
        for sibling in info.siblings or []
        if sibling.rfilename.endswith(".gguf") and not _other(sibling.rfilename)
    ]
    card = info.card_data
    licence = (card.get("license_name") or card.get("license")) if card is not None else None
    chosen = _choose(files, which, name)
    return Plan(org, repo, info.sha or revision or "main", tuple(chosen), str(licence) if licence else None)


def _choose(files: list[RemoteFile], which: str | None, name: str) -> list[RemoteFile]:
    if not files:
        raise HubError(f"{name} holds no GGUF files, and the embedded engine reads no others.")
    groups: dict[str, list[RemoteFile]] = {}
    for file in sorted(files, key=lambda file: file.path):
        groups.setdefault(str(Path(file.path).with_name(stem(Path(file.path)))), []).append(file)
    wanted = groups
    if which is not None:
        exact = [key for key, group in groups.items() if any(which in (key, file.path) for file in group)]
        named = pick((Path(key).name + ".gguf" for key in groups), Path(which).name)
        wanted = {key: groups[key] for key in exact or groups if exact or Path(key).name + ".gguf" in named}
    if len(wanted) != 1:
        shown = wanted or groups
        problem = f"{name} has no '{which}'" if not wanted else f"{name} has several checkpoints"
        width = max(len(Path(key).name) for key in shown)
        rows = (f"  {Path(key).name:{width}}  {human(sum(f.size for f in group)):>9}" for key, group in shown.items())
        raise HubError(f"{problem}; choose one with --quant or --file:\n" + "\n".join(rows))
    return next(iter(wanted.values()))


def _other(path: str) -> bool:
    name = Path(path).name.lower()
    return name.startswith("mmproj") or "imatrix" in name


def is_transport(error: Exception) -> bool:
    """Whether `error` is one of the network's."""
    # huggingface_hub lets the errors of its HTTP library through, and which library that is has changed before.
    return any(
        base.__module__.split(".")[0] in ("httpx", "httpx2", "httpcore", "requests") for base in type(error).__mro__
    )


def human(size: int) -> str:
    """Return a number of bytes for people: 4.9 GB."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.2f} TB"
