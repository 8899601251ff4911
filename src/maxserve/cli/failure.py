"""The error of a command."""

from __future__ import annotations


class Failure(Exception):
    """The command cannot go on; the text, full sentences for the user, is all they see."""
