"""Superset's dashboards as files: rendered, checked, deployed, compared, photographed."""
