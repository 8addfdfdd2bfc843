"""A faultless register of four bodies, as CSV texts by table, and what tests do to it."""

from pathlib import Path

import pytest

from klankbord.errors import RegisterError
from klankbord.register import read

SMALL = {
    "organisations": """\
organisation_id,country,organisation_type,official_code,name_nl,name_fr,name_de,province_code,\
region_code,website,kbo,wikidata,latitude,longitude,valid_from,valid_to,basis,source
be-municipality-1,BE,municipality,1,Eerste,,,10000,02000,https://eerste.example,0207508932,Q1,\
51.1262,4.3844,2019-01-01,,source,list
be-municipality-2,BE,municipality,2,"Tweede, de",,,10000,02000,,,,,,2019-01-01,2025-01-01,\
source,list
be-municipality-3,BE,municipality,3,Derde,,,10000,02000,,,,,,2025-01-01,,source,list
be-police-zone-1,BE,police_zone,,Zone,,,,02000,,,,,,,,secondary,list
""",
    "memberships": """\
organisation_id,member_id,valid_from,valid_to,basis,source
be-police-zone-1,be-municipality-1,,,source,list
be-police-zone-1,be-municipality-2,,2025-01-01,source,list
be-police-zone-1,be-municipality-3,2025-01-01,,source,list
""",
    "populations": """\
organisation_id,reference_date,inhabitants,basis,source
be-municipality-1,2020-01-01,1000,source,list
be-municipality-1,2024-01-01,1100,source,list
be-municipality-2,2020-01-01,500,source,list
be-municipality-3,2025-01-01,505,source,list
""",
    "accounts": """\
account_id,organisation_id,platform,handle,platform_user_id,role,access_tier,valid_from,valid_to,\
is_synthetic,basis,source
eerste-facebook,be-municipality-1,facebook,stad.eerste,,official,T2,2020-01-01,2022-01-01,false,\
declared,town
eerste-facebook,be-municipality-1,facebook,eerste.nieuw,,official,T2,2022-01-01,,false,declared,town
eerste-jeugd,be-municipality-1,facebook,123456789012,,sub,T2,,,false,declared,town
eerste-x,be-municipality-1,x,Stad_Eerste,44196397,official,T2,,,false,declared,town
eerste-mastodon,be-municipality-1,mastodon,stad.eerste@social.example.org,,official,T0,,,false,\
declared,town
eerste-bluesky,be-municipality-1,bluesky,eerste.example.org,,official,T0,,,false,declared,town
derde-bluesky,be-municipality-3,bluesky,did:plc:ewvi7nxzyoun6zhxrhs64oiz,,official,T0,,,false,\
declared,town
""",
    "mergers": """\
effective_date,predecessor_id,successor_id,source
2025-01-01,be-municipality-2,be-municipality-3,list
""",
}

#: An account that the small register lacks on every platform.
ACCOUNT = "a-b,be-police-zone-1,{},{},,official,T2,,,false,declared,town"


def faults_of(*folders: Path) -> list[str]:
    """The faults of a register, without the folder that differs from run to run."""
    with pytest.raises(RegisterError) as caught:
        read(folders)
    lines = str(caught.value).splitlines()
    return [line.replace(f"{folders[0].as_posix()}/", "", 1) for line in lines]


def changed(table: str, old: str | None, new: str) -> str:
    """The small register's file with its first `old` replaced, or (None) with a line more."""
    if old is None:
        return f"{SMALL[table]}{new}\n"
    assert old in SMALL[table]
    return SMALL[table].replace(old, new, 1)
