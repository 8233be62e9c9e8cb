"""Ten minutes of arrivals against real processes, and what the simulator said would come of them."""
