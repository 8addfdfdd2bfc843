"""The platforms' protocols on localhost over a made-up but known world."""
