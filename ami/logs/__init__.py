"""What this instance's processes log, out of systemd's journal into CloudWatch Logs, some seconds later."""
