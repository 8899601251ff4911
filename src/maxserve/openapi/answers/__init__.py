"""The answers of each API as structs: the document's schemas are made from them, and they allow nothing else."""
