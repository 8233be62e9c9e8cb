"""The operator's page: what the balancer keeps, as it changes, and the few things one may change."""
