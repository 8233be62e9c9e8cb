"""How fast each engine is by itself, at each size of batch, beside what the cores could do at most."""
