"""Signed webhooks: whoever asked for a job is told what became of it."""
