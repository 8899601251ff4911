"""API keys and private keys."""

from __future__ import annotations

import re

from .rule import Detector, Rule, after

_RANDOM = re.compile(r"\d|[a-z][A-Z]")
_AWS_SECRET = after(r"secret_?(access_?)?key[\"']?\s{0,3}[=:]>?\s{0,3}[\"']?$")


def _keyed(begin: str, letters: str, least: int) -> Rule:
    """A maker's prefix and at least so many characters of a set, however many more follow."""

    def check(text: str, before: str, behind: str) -> bool:
        return bool(_RANDOM.search(text, len(text) - least))

    return Rule(f"({begin})[{letters}]{{{least},}}", check, overflow=re.compile(f"[{letters}]*"))


def _bearer(text: str, before: str, behind: str) -> bool:
    return bool(_RANDOM.search(text, len("Bearer ")))


def _random(text: str, before: str, behind: str) -> bool:
    return bool(_RANDOM.search(text))


API_KEY = Detector(
    "api_key",
    "API_KEY",
    (
        # OpenAI, Anthropic, OpenRouter, DeepSeek, MiniMax and all that copied the form
        _keyed("sk-", "A-Za-z0-9_-", 20),
        # GitHub, GitLab
        _keyed("gh[pousr]_", "A-Za-z0-9", 36),
        _keyed("github_pat_", "A-Za-z0-9_", 22),
        _keyed("gl(pat|dt|rt|ptt|oas|ft)-", "A-Za-z0-9_-", 20),
        # Amazon, Google, Alibaba, Tencent
        Rule("(AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
        Rule("[A-Za-z0-9/+]{40}", _random, only=_AWS_SECRET),
        Rule("AIza[A-Za-z0-9_-]{35}"),
        _keyed("ya29\\.", "A-Za-z0-9_-", 30),
        _keyed("GOCSPX-", "A-Za-z0-9_-", 24),
        _keyed("LTAI", "A-Za-z0-9", 16),
        _keyed("AKID", "A-Za-z0-9", 28),
        # Stripe, Square, Shopify
        _keyed("[spr]k_(live|test)_", "A-Za-z0-9", 16),
        _keyed("whsec_", "A-Za-z0-9", 24),
        _keyed("EAAA", "A-Za-z0-9_-", 56),
        _keyed("shp(at|ca|pa|ss)_", "A-Fa-f0-9", 32),
        # Slack, Discord, Telegram, SendGrid, Twilio, Mailgun
        _keyed("xox[abeoprs]-", "A-Za-z0-9-", 16),
        _keyed("xapp-", "A-Za-z0-9-", 20),
        Rule("\\d{8,10}:AA[A-Za-z0-9_-]{33}"),
        Rule("SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}"),
        Rule("(SK|AC)[0-9a-f]{32}"),
        Rule("key-[0-9a-f]{32}"),
        # Hugging Face, Groq, xAI, Replicate, NVIDIA, Perplexity, Databricks
        _keyed("hf_", "A-Za-z0-9", 30),
        _keyed("gsk_", "A-Za-z0-9", 40),
        _keyed("xai-", "A-Za-z0-9", 60),
        _keyed("r8_", "A-Za-z0-9", 37),
        _keyed("nvapi-", "A-Za-z0-9_-", 50),
        _keyed("pplx-", "A-Za-z0-9", 40),
        _keyed("dapi", "a-f0-9", 32),
        # npm, PyPI, DigitalOcean, Linear, Notion, Doppler, Vault
        _keyed("npm_", "A-Za-z0-9", 36),
        _keyed("pypi-AgE", "A-Za-z0-9_-", 50),
        _keyed("do[opr]_v1_", "a-f0-9", 64),
        _keyed("lin_api_", "A-Za-z0-9", 40),
        _keyed("(secret|ntn)_", "A-Za-z0-9", 43),
        _keyed("dp\\.(pt|st)\\.", "A-Za-z0-9._-", 40),
        _keyed("hvs\\.", "A-Za-z0-9_-", 24),
        # JSON web tokens, and whatever is sent as a bearer
        Rule("eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]*)?", overflow=re.compile("[A-Za-z0-9_.-]*")),
        Rule("[Bb]earer [A-Za-z0-9._~+/-]{20,}=*", _bearer, overflow=re.compile("[A-Za-z0-9._~+/=-]*")),
    ),
)

_BODY = re.compile(r"(?:[A-Za-z0-9+/=\\\r\n]++|(?<=[\r\n\t ])[ \t]++|(?<=\\n)[ \t]++)*+")
"""Base64 in lines that may be indented; line breaks may be written as \\n."""

PRIVATE_KEY = Detector(
    "private_key",
    "PRIVATE_KEY",
    (
        Rule(
            "-----BEGIN ([A-Z0-9]{2,10} ){0,3}PRIVATE KEY( BLOCK)?-----"
            "((\r?\n|\\\\n) *(Proc-Type: 4,ENCRYPTED|DEK-Info: [A-Z0-9-]{3,20},[0-9A-Fa-f]{8,32}"
            "|(Version|Comment): [^\n]{0,60})){0,2}",
            body=_BODY,
        ),
        Rule("-----END ([A-Z0-9]{2,10} ){0,3}PRIVATE KEY( BLOCK)?-----", closing=True),
    ),
)
