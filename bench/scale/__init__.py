"""What a picture costs as workers and backlog grow, here; and what that would be with 1 000 instances."""
