"""The embedded cloud: the whole bundle on this machine, without Docker or an AWS account."""
