"""The front process's configuration, part by part; ``gateway.envoy`` puts the parts together."""
