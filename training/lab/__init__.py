"""Training from a folder of pictures to a measured network: one loop, one kind of run folder."""
