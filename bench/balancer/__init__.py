"""What the balancer itself costs at thousands of workers: CPU and calls a tick, over real endpoints."""
