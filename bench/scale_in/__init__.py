"""Hundreds of scale-ins over real processes, and how many pictures were worked on twice."""
