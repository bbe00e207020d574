"""Long trials of the service: what it promises, under kills, damage, load and nonsense. `make soak` runs them all."""
