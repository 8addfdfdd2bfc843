"""The forms that Superset wants: our short sources written out with every field it exports.

Ids of an environment (chart, dataset) do not occur: 0 and small counters stand where the format
demands a number, and the import replaces them through UUIDs.
"""

import json
from typing import Any

Asset = dict[str, Any]
VERSION = "1.0.0"
PLATFORM_COLOURS = {"facebook": "#0072B2", "x": "#4D4D4D", "mastodon": "#CC79A7",
                    "bluesky": "#009E73"}  # fmt: skip
STEP_COLOURS = ["#08306B", "#08519C", "#2171B5", "#4292C6", "#6BAED6", "#9ECAE1", "#C6DBEF",
                "#8C8C8C"]  # fmt: skip
AVERAGE_COLOURS = ["#0072B2", "#E69F00", "#009E73"]
_SERIES = {
    "color_scheme": "klankbord", "legendOrientation": "top", "legendType": "plain",
    "show_legend": True, "rich_tooltip": True, "truncate_metric": True, "only_total": False,
    "x_axis_sort_asc": True, "x_axis_sort_series": "name", "x_axis_sort_series_ascending": True,
    "sort_series_type": "name", "sort_series_ascending": True, "xAxisLabelRotation": 0, "order_desc": False, "zoomable": False, "minorTicks": False,
}  # fmt: skip
#: What every chart of a type has, unless its source says otherwise.
DEFAULTS: dict[str, Asset] = {
    "echarts_timeseries_bar": {**_SERIES, "orientation": "vertical"},
    "echarts_timeseries_line": {
        **_SERIES, "markerEnabled": True, "markerSize": 6, "seriesType": "line",
        "time_grain_sqla": "P1M", "x_axis_time_format": "%m/%Y", "tooltipTimeFormat": "%m/%Y",
        "y_axis_bounds": [0, None],
    },
    "table": {"query_mode": "raw", "show_cell_bars": False, "table_timestamp_format": "%Y-%m-%d",
              "order_desc": False},
    "handlebars": {"query_mode": "raw", "order_desc": False},
}  # fmt: skip
ROW_LIMIT = 5000


def label_colours(texts: Asset) -> dict[str, str]:
    """One colour for a platform or a band on every chart of a dashboard."""
    columns = texts["columns"]
    pair = {columns["own"]: "#0072B2", columns["group_median"]: "#4D4D4D",
            columns["group"]: "#4D4D4D"}  # fmt: skip
    averages = dict(zip(texts["statistics"].values(), AVERAGE_COLOURS, strict=True))
    platforms = {texts["platforms"][key]: colour for key, colour in PLATFORM_COLOURS.items()}
    bands = dict(zip(texts["bands"].values(), STEP_COLOURS, strict=True))
    return platforms | bands | averages | pair


def database(source: Asset, uuid: str) -> Asset:
    """A connection that can be read from and nothing else."""
    return {
        "database_name": source["database_name"], "sqlalchemy_uri": source["sqlalchemy_uri"].strip(),
        "cache_timeout": None, "expose_in_sqllab": True, "allow_run_async": False,
        "allow_ctas": False, "allow_cvas": False, "allow_dml": False, "allow_csv_upload": False,
        "impersonate_user": False, "configuration_method": "sqlalchemy_form",
        "extra": {"allows_virtual_table_explore": True}, "uuid": uuid, "version": VERSION,
    }  # fmt: skip


def dataset(source: Asset, name: str, uuid: str, database_uuid: str, certified_by: str) -> Asset:
    """A dataset over an SQL text; columns {name, type, label, is_dttm}, metrics {name, expression}."""
    certification = {"certified_by": certified_by, "details": source["description"]}
    return {
        "table_name": name, "main_dttm_col": None, "currency_code_column": None,
        "description": source["description"], "default_endpoint": None, "offset": 0,
        "cache_timeout": None, "catalog": None, "schema": "published", "sql": source["sql"],
        "params": None, "template_params": None, "filter_select_enabled": True,
        "fetch_values_predicate": None, "extra": {"certification": certification},
        "normalize_columns": False, "always_filter_main_dttm": False, "folders": None,
        "columns": [
            {
                "column_name": column["name"], "verbose_name": column.get("label"),
                "type": column["type"], "is_dttm": column.get("is_dttm", False), "is_active": True,
                "advanced_data_type": None, "groupby": True, "filterable": True, "expression": None,
                "description": None, "python_date_format": None, "datetime_format": None,
                "extra": None,
            }
            for column in source["columns"]
        ],
        "metrics": [
            {
                "metric_name": metric["name"], "verbose_name": metric.get("label"),
                "expression": metric["expression"], "metric_type": None, "description": None,
                "d3format": None, "currency": None, "extra": None, "warning_text": None,
            }
            for metric in source["metrics"]
        ] if source.get("metrics") else [],
        "uuid": uuid, "version": VERSION, "database_uuid": database_uuid,
    }  # fmt: skip


def chart(source: Asset, uuid: str, dataset_uuid: str, certified_by: str) -> Asset:
    """A chart with params and the query_context that answers without a browser.

    The source's `query` {columns, metrics, filters, orderby, row_limit, distinct} feeds both.
    """
    query = source.get("query") or {}
    viz_type = source["viz_type"]
    filters = [
        {"col": column, "op": "IN" if isinstance(value, list) else "==", "val": value}
        for column, value in (query.get("filters") or {}).items()
    ]
    orderby = [[column, True] for column in query.get("orderby", [])]
    columns, metrics = query.get("columns", []), query.get("metrics", [])
    row_limit = query.get("row_limit", ROW_LIMIT)
    params = {
        "viz_type": viz_type, "datasource": "0__table", "row_limit": row_limit,
        "annotation_layers": [], "extra_form_data": {},
        "adhoc_filters": [
            {"clause": "WHERE", "expressionType": "SIMPLE", "subject": f["col"],
             "operator": f["op"], "operatorId": "IN" if f["op"] == "IN" else "EQUALS",
             "comparator": f["val"]}
            for f in filters
        ],
        **DEFAULTS.get(viz_type, {}),
        # a horizontal axis starts at the bottom: turn it, so that the list reads downwards
        "x_axis_sort_series_ascending": (source.get("params") or {}).get("orientation")
        != "horizontal",
        **(source.get("params") or {}),
    }  # fmt: skip
    if metrics:
        params["metrics"] = metrics
    raw = params.get("query_mode") == "raw"
    if raw and query.get("distinct"):
        raw, params["query_mode"], params["groupby"] = False, "aggregate", columns
    elif raw:
        params["all_columns"] = columns
        params["order_by_cols"] = [json.dumps(pair) for pair in orderby]
    contents = {
        "columns": columns, "filters": filters, "orderby": orderby, "row_limit": row_limit,
        "row_offset": 0, "extras": {"having": "", "where": ""}, "annotation_layers": [],
        "applied_time_extras": {}, "url_params": {}, "custom_params": {}, "order_desc": False,
        # null metrics mean rows as they are, an empty list means distinct rows
        "metrics": None if raw else metrics, "is_timeseries": False,
    }  # fmt: skip
    context = {
        "datasource": {"id": 0, "type": "table"}, "force": False, "queries": [contents],
        "form_data": params, "result_format": "json", "result_type": "full",
    }  # fmt: skip
    return {
        "slice_name": source["title"], "description": source.get("description"),
        "certified_by": certified_by, "certification_details": None, "viz_type": viz_type,
        "params": params,
        "query_context": json.dumps(context, sort_keys=True) if query else None,
        "cache_timeout": None, "uuid": uuid, "version": VERSION, "dataset_uuid": dataset_uuid,
    }  # fmt: skip


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
        "sortMetric": source.get("sort_by"),
        "defaultDataMask": {
            "extraFormData": {"filters": [{"col": column, "op": "IN", "val": chosen}]}
            if given else {},
            "filterState": {"value": chosen, "label": str(default)} if given else {},
            "ownState": {},
        },
    }  # fmt: skip
