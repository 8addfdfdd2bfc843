"""The forms that Superset wants: our short sources written out with every field it exports.

Ids of an environment (chart, dataset) do not occur: 0 and small counters stand where the format
demands a number, and the import replaces them through UUIDs.
"""

import json
from typing import Any

Asset = dict[str, Any]
VERSION = "1.0.0"
_SERIES = {
    "color_scheme": "klankbord", "legendOrientation": "top", "legendType": "plain",
    "show_legend": True, "rich_tooltip": True, "truncate_metric": True, "only_total": False,
    "x_axis_sort_asc": True, "x_axis_sort_series": "name", "x_axis_sort_series_ascending": True,
    "sort_series_type": "name", "sort_series_ascending": True, "order_desc": False,
    "xAxisLabelRotation": 0, "zoomable": False, "minorTicks": False,
}  # fmt: skip
#: What Superset's own controls cannot say. A legend leaves room for the two buttons beside it,
#: which are cut off otherwise; of bars, every category has its label and the first is on top.
_LEGEND = {"legend": {"width": "65%"}}
_ECHARTS: dict[str, Asset] = {
    "echarts_timeseries_bar": {
        **_LEGEND, "yAxis": {"inverse": True, "axisLabel": {"interval": 0, "hideOverlap": False}},
    },
    "echarts_timeseries_line": _LEGEND,
}  # fmt: skip
#: What every chart of a type has, unless its source says otherwise.
DEFAULTS: dict[str, Asset] = {
    "echarts_timeseries_bar": {**_SERIES, "orientation": "horizontal"},
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


def database(source: Asset, uuid: str) -> Asset:
    """A connection that can be read from and nothing else."""
    return {
        "database_name": source["database_name"], "sqlalchemy_uri": source["sqlalchemy_uri"],
        "cache_timeout": None, "expose_in_sqllab": True, "allow_run_async": False,
        "allow_ctas": False, "allow_cvas": False, "allow_dml": False, "allow_csv_upload": False,
        "impersonate_user": False, "configuration_method": "sqlalchemy_form",
        "extra": {"allows_virtual_table_explore": True}, "uuid": uuid, "version": VERSION,
    }  # fmt: skip


def dataset(source: Asset, name: str, uuid: str, database_uuid: str, certified_by: str) -> Asset:
    """A dataset over an SQL text. Columns have name, type, label, is_dttm."""
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
        **(source.get("params") or {}),
    }  # fmt: skip
    if viz_type in _ECHARTS:
        shares = {"xAxis": {"interval": 0.25}} if "y_axis_bounds" in source["params"] else {}
        own = params.get("echart_options", {})
        params["echart_options"] = json.dumps({**_ECHARTS[viz_type], **shares, **own})
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
