"""Nearest-neighbour search over vectors, behind one small contract."""
