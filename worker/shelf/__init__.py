"""Models in service: where they come from, how long they stay, which version answers whom."""
