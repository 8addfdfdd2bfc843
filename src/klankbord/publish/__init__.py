"""From what both gates have passed to what everybody may read."""
