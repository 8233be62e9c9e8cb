"""Requests against a running service, at once or at their due times: what is answered, and how fast."""
