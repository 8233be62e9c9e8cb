"""The way to hosts that somebody else names: judged when it is dialed, metered while it is used."""
