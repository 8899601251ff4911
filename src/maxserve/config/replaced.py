"""Keys of earlier versions, with what to write in their place."""

from __future__ import annotations

import re

from .sourced import Setting

_TABLE = '[keys.NAME] with digest = "sha256:…" and'

_REPLACED: dict[tuple[str, ...], str] = {
    ("auth", "flavours"): f"write {_TABLE} flavour = …",
    ("masking", "by_key"): f"write {_TABLE} masking = …",
}
_NOW_LISTS: dict[tuple[str, ...], str] = {
    ("webhooks", "secrets"): (
        f'secrets of all keys are a list, webhooks.secrets = ["whsec_…"]; for one key write {_TABLE} '
        'webhook_secrets = ["whsec_…"]'
    ),
    ("cloudflare", "accounts"): (
        f'accounts of all keys are a list, cloudflare.accounts = ["ID"]; for one key write {_TABLE} accounts = ["ID"]'
    ),
}
_PAIR = re.compile(r"(default|sha256:[0-9a-f]+|(?!whsec_)[A-Za-z0-9_-]+)=(whsec_|sha256:|$)")


def replacement(setting: Setting) -> str | None:
    """Return the problem that a setting of an earlier version is, None for any other setting."""
    place = setting.path[:2]
    advice = _REPLACED.get(place)
    if advice is None and place in _NOW_LISTS and _is_table(setting):
        advice = _NOW_LISTS[place]
    return None if advice is None else f"{setting.source}: {'.'.join(place)} is no longer a table of keys: {advice}."


def _is_table(setting: Setting) -> bool:
    if setting.lax and isinstance(setting.value, str):
        return any(_PAIR.match(item.strip()) for item in setting.value.split(","))
    return len(setting.path) > 2 or isinstance(setting.value, dict)
