"""`klankbord dashboards validate | deploy | drift`."""

from klankbord.cli.main import console, dashboards_app
from klankbord.errors import KlankbordError
