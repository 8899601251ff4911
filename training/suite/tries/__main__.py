"""Write the fingerprints of the prompts."""

from training.suite.tries import write_fingerprints

write_fingerprints()
