"""OpenAI's completions: text continued as it stands, without roles, templates or a reading of thoughts and calls.

Conventions of OpenAI's API reference of the legacy completions; its Python client and evaluation harnesses use them.
"""

from .adapter import CompletionsAdapter

__all__ = ["CompletionsAdapter"]
