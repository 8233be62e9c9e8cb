"""How much memory every process of a service holds under steady load, and whether it grows."""
