"""What may stand at a key: types in words, and raw values made into them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from .sourced import Setting

_WORDS = {"on": "true", "yes": "true", "off": "false", "no": "false"}


def fields(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The keys of a table with their types."""
    return {field.name: field.type for field in msgspec.structs.fields(struct)}


def allowed(kind: Any) -> str:
    """Say in words what a value of this type is: "a whole number from 0 to 65535"."""
    return _words(inspect.type_info(kind))


def convert(setting: Setting, kind: Any) -> Any:
    """Return the setting's value as `kind`; raises `msgspec.ValidationError` where it is none."""
    info = inspect.type_info(kind)
    raw = setting.value
    if setting.lax and isinstance(raw, str):
        if _holds(info, inspect.VarTupleType):
            raw = [item.strip() for item in raw.split(",") if item.strip()]
        elif is_mapping(kind):
            raw = dict(_pair(item) for item in raw.split(",") if item.strip())
        elif _holds(info, inspect.BoolType):
            raw = _WORDS.get(raw.lower(), raw)
    value = msgspec.convert(raw, kind, strict=not setting.lax, dec_hook=_hook)
    return rebase(value, setting.base) if isinstance(value, Path) else value


def is_mapping(kind: Any) -> bool:
    """Whether the key holds a table whose names the user chooses."""
    return isinstance(inspect.type_info(kind), inspect.DictType)


def table_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct of the tables in a mapping, None where it is none or holds plain values."""
    info = inspect.type_info(kind)
    if isinstance(info, inspect.DictType) and isinstance(info.value_type, inspect.StructType):
        return info.value_type.cls
    return None


def _pair(item: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    if not equals:
        raise ValueError(f"Expected NAME=VALUE, got {item!r}")
    return name.strip(), value.strip()


def rebase(path: Path, base: Path | None) -> Path:
    """Return the path with `~` opened and, where it is relative, counted from `base`."""
    path = path.expanduser()
    return path if base is None or path.is_absolute() else base / path


def _hook(kind: type, raw: Any) -> Any:
    if kind is Path and isinstance(raw, (str, Path)):
        return Path(raw)
    raise ValueError(f"Expected a path, got {type(raw).__name__}")


def _holds(info: inspect.Type, wanted: type[inspect.Type]) -> bool:
    members = info.types if isinstance(info, inspect.UnionType) else (info,)
    return any(isinstance(member, wanted) for member in members)


def _words(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata():
            return _words(info.type)
        case inspect.UnionType():
            return " or ".join(_words(member) for member in info.types if not isinstance(member, inspect.NoneType))
        case inspect.LiteralType():
            return "one of " + ", ".join(str(value) for value in info.values)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range(info)
        case inspect.FloatType():
            return "a number" + _range(info)
        case inspect.VarTupleType():
            item = info.item_type
            if isinstance(item, inspect.StructType):
                return "a list of tables, each with " + ", ".join(field.name for field in item.fields)
            return f"a list of {_words(item)}" if isinstance(item, inspect.LiteralType) else "a list of texts"
        case inspect.DictType():
            return f"a table of names, each with {_words(info.value_type)}"
        case inspect.CustomType():
            return "a path"
        case _:
            return "a text"


def _range(info: inspect.IntType | inspect.FloatType) -> str:
    if info.ge is not None and info.le is not None:
        return f" from {info.ge} to {info.le}"
    if info.ge is not None:
        return f" of at least {info.ge}"
    if info.gt is not None:
        return f" above {info.gt:g}"
    return ""
