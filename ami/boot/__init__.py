"""What an instance does first: which processes it runs, and their settings, as files for systemd.

Standard library alone, but for parameters of SSM: a worker waits for this.
"""
