"""The connectors. A module of this package that defines a `Connector` subclass is a platform."""
