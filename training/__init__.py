"""The recipe of the two demo checkpoints: text generator, tokenizer, training, export and evaluation."""
