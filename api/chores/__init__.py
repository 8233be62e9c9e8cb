"""Durable work of the front end: in a queue, done by whichever replica takes it."""
