"""Where the numbers of prose come from: each is bound to a figure or to what was stated, or it is marked. Pure."""
