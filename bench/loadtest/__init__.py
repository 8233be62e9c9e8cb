"""Many requests at once against a running service: how many are answered, and how fast."""
