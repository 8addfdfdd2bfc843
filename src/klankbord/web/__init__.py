"""Visits to the bodies' own websites, and how many of them came from social networks."""
