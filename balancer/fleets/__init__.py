"""The kinds of fleet, a file each; `balancer.fleet` says what they have in common."""
