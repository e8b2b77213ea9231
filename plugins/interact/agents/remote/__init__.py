"""Remote agents: a service of somebody's own that answers over HTTP, as docs/remote-agents.md describes."""
