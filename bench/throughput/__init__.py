"""How many pictures a second the whole service answers, beside the bare engine, and where the CPU goes."""
