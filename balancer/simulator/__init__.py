"""Replays arrivals against a policy: queue, boots, batches, failures, interruptions and the bill.

The policies are those of the balancer, called with the same snapshot. `run.simulate` is the way in.
"""
