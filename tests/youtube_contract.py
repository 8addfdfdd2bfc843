"""YouTube's own contract: the discovery documents inside PyPI's google-api-python-client.

`request_faults` says what of a request the contract does not know, `answer_faults` what of an
answer. Both name the place.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
#: values that the documents tell in prose only
ANALYTICS = {
    "ids": r"[a-zA-Z]+==[a-zA-Z0-9_+-]+",
    "metrics": r"[0-9a-zA-Z,]+",
    "dimensions": r"[0-9a-zA-Z,]+",
    "sort": r"[-0-9a-zA-Z,]+",
    "startDate": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "endDate": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


@cache
def document(name: str) -> dict[str, Any]:
    """youtube.v3 or youtubeAnalytics.v2."""
    return json.loads((DOCUMENTS / f"{name}.json").read_text())


@cache
def methods() -> dict[str, tuple[str, dict[str, Any]]]:
    """Each GET path -> (its document, its method)."""
    found = {}
    for name in ("youtube.v3", "youtubeAnalytics.v2"):
        for resource in document(name)["resources"].values():
            for method in resource.get("methods", {}).values():
                if method["httpMethod"] == "GET":
                    found["/" + method["path"]] = (name, method)
    return found


def request_faults(path: str, query: Mapping[str, str]) -> Iterator[str]:
    """Paths, parameters, values, parts and sizes that do not exist in the contract."""
    if path not in methods():
        yield f"{path}: no such path"
        return
    name, method = methods()[path]
    known = {**document(name)["parameters"], **method["parameters"]}
    for key, value in query.items():
        rule = known.get(key)
        if rule is None:
            yield f"{path}: no parameter {key}"
            continue
        if "enum" in rule and value not in rule["enum"]:
            yield f"{path}: {key} knows no {value}"
        if rule["type"] == "integer" and not (
            value.isdecimal() and int(value) <= int(rule.get("maximum", value))
        ):
            yield f"{path}: {key} cannot be {value}"
        if name == "youtubeAnalytics.v2" and not re.fullmatch(ANALYTICS.get(key, ".*"), value):
            yield f"{path}: {key} has not the form of {value}"
    for key, rule in method["parameters"].items():
        if rule.get("required") and not query.get(key):
            yield f"{path}: {key} is missing"
    if "part" in query:
        resource = schema_of(path)["properties"]["items"]["items"]["$ref"]
        parts = document(name)["schemas"][resource]["properties"]
        yield from (f"{path}: no part {p}" for p in query["part"].split(",") if p not in parts)


def schema_of(path: str) -> dict[str, Any]:
    """The schema of a path's answers."""
    name, method = methods()[path]
    return document(name)["schemas"][method["response"]["$ref"]]


def answer_faults(path: str, answer: Any) -> list[str]:
    """What of an answer the contract does not allow."""
    name, _ = methods()[path]
    return list(_faults(name, schema_of(path), answer, path))


def _faults(name: str, schema: Mapping[str, Any], value: Any, place: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = document(name)["schemas"][schema["$ref"]]
    kind = schema.get("type")
    if kind in TYPES and type(value) is not TYPES[kind]:
        yield f"{place}: {value!r} is no {kind}"
    elif kind == "object" and "properties" in schema:
        for key, inner in value.items():
            if key not in schema["properties"]:
                yield f"{place}.{key}: unknown"
            else:
                yield from _faults(name, schema["properties"][key], inner, f"{place}.{key}")
    elif kind == "array":
        for inner in value:
            yield from _faults(name, schema["items"], inner, f"{place}[]")
    elif kind == "string" and schema.get("format") == "uint64" and not value.isdecimal():
        yield f"{place}: {value!r} is no number"
    elif kind == "string" and schema.get("format") == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f"{place}: {value!r} is no moment"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is not one of its values"


def has_field(resource: str, path: str) -> bool:
    """Whether a.b exists in a resource of the Data API."""
    schemas = document("youtube.v3")["schemas"]
    schema = schemas[resource]
    for part in path.split("."):
        schema = schema.get("properties", {}).get(part)
        if schema is None:
            return False
        schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    return True
