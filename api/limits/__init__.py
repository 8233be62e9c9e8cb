"""How often, from where, for which host, and how many replicas share that."""
