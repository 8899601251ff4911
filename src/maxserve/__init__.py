"""maxserve answers the APIs of MiniMax's vendors on your own hardware."""

__version__ = "0.1.0"
