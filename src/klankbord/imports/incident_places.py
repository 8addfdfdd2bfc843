"""Where an incident was: coordinates that can be true, and too coarse to be an address."""

import re
from decimal import Decimal

from klankbord.imports.faults import shown

#: country -> (south, north, west, east) in degrees, a little wider than the land
BOXES = {"BE": (49.4, 51.6, 2.5, 6.5), "NL": (50.7, 53.7, 3.2, 7.3)}
#: about a kilometre: a house cannot be found by it
DECIMALS = Decimal("0.01")


class PlaceError(ValueError):
    """Coordinates that are none; the text is the end of a sentence."""

    def __init__(self, what: str, *, is_longitude: bool = False) -> None:
        super().__init__(what)
        self.is_longitude = is_longitude


def point(latitude: str, longitude: str, country: str) -> tuple[Decimal, Decimal] | None:
    """(latitude, longitude) in degrees with two decimals, None where both cells are empty."""
    if not latitude and not longitude:
        return None
    found = []
    for text, is_longitude in ((latitude, False), (longitude, True)):
        if not text:
            what = "it is empty and its other half is not: give both or none"
            raise PlaceError(what, is_longitude=is_longitude)
        if not re.fullmatch(r"-?\d{1,3}([.,]\d{1,15})?", text, re.ASCII):
            raise PlaceError(f"{shown(text)} is no number of degrees", is_longitude=is_longitude)
        found.append(Decimal(text.replace(",", ".")))
    south, north, west, east = BOXES[country]
    if not (south <= found[0] <= north and west <= found[1] <= east):
        swapped = south <= found[1] <= north and west <= found[0] <= east
        advice = "latitude and longitude are swapped" if swapped else "correct it"
        raise PlaceError(f"the place lies outside {country}: {advice}")
    return found[0].quantize(DECIMALS), found[1].quantize(DECIMALS)
