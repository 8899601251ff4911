"""The held-out examination of the demo checkpoints: questions, backends that answer them, and marks."""
