"""A dashboard's form: rows of charts under headings, native filters, one colour for one thing."""

from typing import Any

from klankbord.dashboards.forms import VERSION

Asset = dict[str, Any]
PLATFORM_COLOURS = {"facebook": "#0072B2", "x": "#4D4D4D", "bluesky": "#009E73",
                    "mastodon": "#CC79A7", "youtube": "#D55E00", "instagram": "#882255",
                    "threads": "#AA4499", "website": "#56B4E9", "linkedin": "#332288",
                    "tiktok": "#999933"}  # fmt: skip
STEP_COLOURS = ["#08306B", "#08519C", "#2171B5", "#4292C6", "#6BAED6", "#9ECAE1", "#C6DBEF",
                "#8C8C8C"]  # fmt: skip
HAIR_SPACE = "\u200a"
AVERAGE_COLOURS = ["#0072B2", "#E69F00", "#009E73"]
#: what really changed stands out, the rest explains it; from no phase to the last
PART_COLOURS = {"real": "#0072B2", "composition": "#E69F00", "merger": "#CC79A7",
                "definition": "#8C8C8C"}  # fmt: skip
PHASE_COLOURS = ["#B8B8B8", "#9ECAE1", "#2171B5", "#08306B"]
UNKNOWN_COLOUR = "#EFE3CC"
TYPE_COLOURS = ["#0072B2", "#CC79A7", "#E69F00", "#009E73", "#56B4E9", "#4D4D4D", "#D55E00"]


def label_colours(texts: Asset) -> dict[str, str]:
    """One colour for a platform or a band on every chart of a dashboard."""
    # series of metrics are coloured by the metric's name, those of a column by their value
    pair = {"own": "#0072B2", "median": "#E69F00", "peers": "#E69F00"}
    averages = dict(zip(texts["statistics"].values(), AVERAGE_COLOURS, strict=True))
    # a line's name may end in the reason why a part of it is not there
    notes = ("", f": {texts['reasons']['suppressed']}", f": {texts['partly_suppressed']}")
    names = ordered(texts["platforms"])
    platforms = {
        names[key] + note: colour for key, colour in PLATFORM_COLOURS.items() for note in notes
    }
    bands = dict(zip(texts["bands"].values(), STEP_COLOURS, strict=True))
    words = texts["phases"].items()
    phases = {f"{key} {word}": c for (key, word), c in zip(words, PHASE_COLOURS, strict=True)}
    phases[texts["unknown_phase_part"]] = UNKNOWN_COLOUR
    types = dict(zip(ordered(texts["types"]).values(), TYPE_COLOURS, strict=True))
    return platforms | bands | averages | pair | PART_COLOURS | phases | types


def ordered(words: dict[str, str]) -> dict[str, str]:
    """The same words, with leading hair spaces that make a legend show them as they stand here.

    Superset sorts names as texts and offers nothing else; the browser, which sorts a legend, puts
    any blank before every letter. An axis is sorted by code points and has macro `sorted_name`.
    """
    return {
        key: HAIR_SPACE * (len(words) - i) + word for i, (key, word) in enumerate(words.items(), 1)
    }


def chart_slugs(source: Asset) -> set[str]:
    """The charts that a dashboard's source shows."""
    return {item[0] for row in source["rows"] if isinstance(row, list) for item in row}


def dashboard(
    source: Asset,
    uuid: str,
    charts: dict[str, tuple[Asset, Asset]],
    datasets: dict[str, Asset],
    css: str,
    certified_by: str,
    colours: dict[str, str],
) -> Asset:
    """A dashboard: rows of charts under headings, and native filters."""
    position, numbers = _layout(source, charts)
    metadata = {
        "color_scheme": "klankbord", "label_colors": colours, "cross_filters_enabled": False,
        "filter_bar_orientation": "VERTICAL", "refresh_frequency": 0, "expanded_slices": {},
        "timed_refresh_immune_slices": [],
        "native_filter_configuration": [
            _filter(f, source, datasets[f["dataset"]]["uuid"], numbers) for f in source["filters"]
        ],
    }  # fmt: skip
    return {
        "dashboard_title": source["title"], "description": source["description"], "css": css,
        "slug": source["slug"], "certified_by": certified_by, "certification_details": None,
        "published": True, "uuid": uuid, "position": position, "metadata": metadata,
        "version": VERSION,
    }  # fmt: skip


def _layout(source: Asset, charts: dict[str, tuple[Asset, Asset]]) -> tuple[Asset, dict[str, int]]:
    """position_json, and the counter that stands for each chart's id until the import."""
    position: Asset = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": source["title"]}},
    }
    numbers: dict[str, int] = {}
    top: list[str] = []
    for index, row in enumerate(source["rows"]):
        name = f"{'ROW' if isinstance(row, list) else 'HEADER'}-{index}"
        top.append(name)
        if not isinstance(row, list):
            position[name] = {
                "type": "HEADER", "id": name, "children": [], "parents": ["ROOT_ID", "GRID_ID"],
                "meta": {"text": row, "headerSize": "MEDIUM_HEADER",
                         "background": "BACKGROUND_TRANSPARENT"},
            }  # fmt: skip
            continue
        position[name] = {
            "type": "ROW", "id": name, "children": [f"CHART-{slug}" for slug, _, _ in row],
            "parents": ["ROOT_ID", "GRID_ID"], "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }  # fmt: skip
        for slug, width, height in row:
            asset = charts[slug][1]
            numbers[slug] = len(numbers) + 1
            position[f"CHART-{slug}"] = {
                "type": "CHART", "id": f"CHART-{slug}", "children": [],
                "parents": ["ROOT_ID", "GRID_ID", name],
                "meta": {"chartId": numbers[slug], "uuid": asset["uuid"], "width": width,
                         "height": height, "sliceName": asset["slice_name"]},
            }  # fmt: skip
    position["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": top, "parents": ["ROOT_ID"]}
    return position, numbers


def _filter(source: Asset, dashboard: Asset, dataset_uuid: str, numbers: dict[str, int]) -> Asset:
    default = source.get("default")
    column = source["column"]
    given = default not in (None, "first")
    chosen = [default] if given else []
    return {
        "id": f"NATIVE_FILTER-{source['slug']}", "name": source["name"], "type": "NATIVE_FILTER",
        "filterType": "filter_select", "description": "",
        "targets": [{"column": {"name": column}, "datasetUuid": dataset_uuid}],
        "cascadeParentIds": [f"NATIVE_FILTER-{slug}" for slug in source.get("parents", [])],
        "scope": {
            "rootPath": ["ROOT_ID"],
            "excluded": [numbers[slug] for slug in source.get("excludes", [])],
        },
        "controlValues": {
            "multiSelect": source.get("multiple", False), "enableEmptyFilter": default is not None,
            "defaultToFirstItem": default == "first", "inverseSelection": False,
            "searchAllOptions": False, "sortAscending": not source.get("descending", False),
        },
        # charts wait for the first item, instead of showing everybody's rows until then
        "requiredFirst": default == "first",
        "sortMetric": source.get("sort_by"),
        "defaultDataMask": {
            "extraFormData": {"filters": [{"col": column, "op": "IN", "val": chosen}]}
            if given else {},
            "filterState": {"value": chosen, "label": str(default)} if given else {},
            "ownState": {},
        },
    }  # fmt: skip
