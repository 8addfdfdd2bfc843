"""Files that people have: archives of earlier studies (and, later, export files of platforms)."""
