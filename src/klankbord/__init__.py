"""Klankbord: an open social-media benchmark for local government."""
