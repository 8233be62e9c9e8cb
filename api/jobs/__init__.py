"""Asynchronous jobs: asked for now, answered under their id."""
