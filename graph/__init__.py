"""The graph routes: states, nodes, routers and the wiring."""
