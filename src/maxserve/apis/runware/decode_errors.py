"""Turns what the JSON decoder found wrong with a task into an error in Runware's words (docs/wire/runware.md §6.3)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

import msgspec

from ...chat import Violation
from ..violation import violation_of
from .errors import TaskError
from .words import Rule

_INDEX = re.compile(r"\[[^\]]*\]")
_SYSTEM = frozenset({"system", "developer"})


def missing(path: str) -> TaskError:
    """Return the error of a field that is required and not there."""
    return TaskError(f"Missing required parameter: '{path}'", path, label="missingParameter")


def must_be(path: str, rule: Rule, instead: str = "") -> TaskError:
    """Return the error of a field that breaks its rule; `instead` is a sentence that helps."""
    helps = f" {instead}" if instead else ""
    return TaskError(f"'{path}' must be {rule.words}.{helps}", path, allowed=rule.allowed)


def fault(error: msgspec.ValidationError, rules: Mapping[str, Rule]) -> TaskError:
    """Return what to answer; `rules` are those of the struct that was decoded."""
    violation = violation_of(error)
    path = violation.path
    if violation.kind == "missing":
        return missing(path)
    if violation.kind == "unknown":
        parent, _, field = path.rpartition(".")
        return _unknown(parent, field, rules)
    rule = rules.get(_INDEX.sub("[]", path))
    if rule is None:
        return TaskError(f"'{path}' is wrong: {_detail(violation)}." if path else "A task must be an object.", path)
    return must_be(path, rule, _instead(path, violation.detail))


def _detail(violation: Violation) -> str:
    if violation.kind == "type":
        return f"Expected `{' | '.join(violation.expected)}`, got `{violation.got}`"
    return violation.detail


def _unknown(path: str, field: str, rules: Mapping[str, Rule]) -> TaskError:
    full = _below(path, field)
    near = _near(_INDEX.sub("[]", path), field, rules)
    hint = f" Did you mean '{near}'?" if near else ""
    return TaskError(f"Unsupported parameter: '{full}'.{hint}", full, label="unsupportedParameter")


def _near(path: str, field: str, rules: Iterable[str]) -> str | None:
    """The field that was probably meant: of the same object, else of the same name anywhere, else alike anywhere."""
    last = {each: each.rpartition(".")[2] for each in rules if not each.endswith("]")}
    here = {name.lower(): each for each, name in last.items() if each.rpartition(".")[0] == path}
    alike = difflib.get_close_matches(field.lower(), here, n=1, cutoff=0.75)
    if alike:
        return here[alike[0]]
    anywhere = {name.lower(): each for each, name in reversed(last.items()) if "[]" not in each}
    if "[]" in path:
        return None
    plain = field.replace("_", "").lower()
    alike = [plain] if plain in anywhere else difflib.get_close_matches(plain, anywhere, n=1, cutoff=0.85)
    return anywhere[alike[0]] if alike else None


def _instead(path: str, what: str) -> str:
    if path.endswith(".role") and any(f"'{role}'" in what for role in _SYSTEM):
        return "Text for the system goes into 'settings.systemPrompt'."
    return ""


def _below(path: str, field: str) -> str:
    return f"{path}.{field}" if path else field
