"""Training and classifying on a Spark cluster: bytes, seconds, and answers that must be equal."""
