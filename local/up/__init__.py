"""The whole service on one machine: every part a process, kept alive, stopped in order."""
