"""How well a fleet is scaled: replays of traffic, and how far the simulator can be believed."""
