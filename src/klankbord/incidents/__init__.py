"""The crisis clock: who spoke when about an incident (docs/design.md, section "Crisis clock")."""
