"""Every policy against the same traffic, in the simulator."""
