"""Files that people have: exports of the platforms, archives of earlier studies, surveys, logs."""
