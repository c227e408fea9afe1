"""Climbs the ladder: which rungs are tried, on which data, how they are judged, and which is kept."""
