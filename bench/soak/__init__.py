"""A soak: thousands of jobs, their workers killed, their queues and store failing. Nothing may be lost."""
