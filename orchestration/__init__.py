"""Running the DAGs on one machine: set-up, one process for the demo, a scheduler for serving."""
