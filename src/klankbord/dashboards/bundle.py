"""From the legible sources in superset_assets/ to the bundle that Superset imports.

A source file is YAML; each of its texts is a template with `<< … >>` (Handlebars keeps `{{ … }}`),
rendered once for each language with `t` (the language's texts), `metrics` (the catalogue's words),
`lang` and the SQL macros of macros.jinja. UUIDs are uuid5 of kind, slug and language. Nothing here
talks to Superset.
"""

import io
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import yaml

from klankbord import catalogue, settings
from klankbord.catalogue import readers
from klankbord.dashboards import forms, layout
from klankbord.errors import KlankbordError

ASSETS = settings.PROJECT_ROOT / "superset_assets"
VERSION = "1.0.0"
Asset = dict[str, Any]
#: libyaml's reader, ten times as fast, where PyYAML was built with it
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class AssetError(KlankbordError):
    """A source file cannot be rendered; the message names it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the warehouse is, as Superset sees it; no password."""

    host: str = "127.0.0.1"
    port: int = 15432
    dbname: str = "klankbord"


@dataclass(frozen=True, slots=True)
class Bundle:
    """path in the zip -> content; the first part of a path says the kind (`charts`, say)."""

    files: Mapping[str, Asset]
    certified_by: str

    def of(self, kind: str) -> dict[str, Asset]:
        """The files of one kind."""
        return {path: asset for path, asset in self.files.items() if path.startswith(f"{kind}/")}

    def zip(self) -> bytes:
        """What POST /api/v1/assets/import/ takes; the same bytes for the same files."""
        metadata = {"version": VERSION, "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in {"metadata.yaml": metadata, **self.files}.items():
                text = yaml.safe_dump(content, allow_unicode=True, sort_keys=True)
                archive.writestr(zipfile.ZipInfo(f"klankbord/{path}"), text)
        return buffer.getvalue()


def render(address: Address, folder: Path = ASSETS) -> Bundle:
    """All assets in all languages; raises AssetError for the first file that cannot be rendered."""
    common = read_yaml(folder / "bundle.yaml")
    texts = read_yaml(folder / "texts.yaml")
    files: dict[str, Asset] = {}
    for language in common["languages"]:
        files |= _Renderer(folder, common, texts[language], language, address).render()
    return Bundle(files, common["certified_by"])


def read_yaml(path: Path) -> Any:
    """The content of a YAML file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (safe)
    except (OSError, yaml.YAMLError) as error:
        raise AssetError(f"{path.name} cannot be read: {error}") from error


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


class _Renderer:
    """Renders one language. `slugs` maps a chart's or dataset's slug to its rendered file."""

    def __init__(
        self, folder: Path, common: Asset, texts: Asset, language: str, address: Address
    ) -> None:
        self._folder = folder
        self._namespace = uuid.UUID(common["namespace"])
        self._certified_by = common["certified_by"]
        self._language = language
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder), undefined=jinja2.StrictUndefined,
            variable_start_string="<<", variable_end_string=">>", block_start_string="<%",
            block_end_string="%>", comment_start_string="<#", comment_end_string="#>",
            autoescape=False,  # noqa: S701 (the texts are ours; quotes in SQL must stay quotes)
            keep_trailing_newline=True,
        )  # fmt: skip
        self._environment.filters["sql"] = quote
        self._environment.globals |= {
            "lang": language, "t": texts, "ordered": layout.ordered,
            "metrics": readers.metrics(catalogue.read(), language),
            "formats": readers.formats(catalogue.read(), language),
            "host": address.host, "port": address.port, "dbname": address.dbname,
        }  # fmt: skip
        macros = self._environment.get_template("macros.jinja").module
        names = [name for name in dir(macros) if not name.startswith("_")]
        self._environment.globals |= {name: getattr(macros, name) for name in names}
        self._texts = texts

    def render(self) -> dict[str, Asset]:
        database = next(asset for _, asset in self._sources("databases"))
        database_uuid = self._uuid("database", database["slug"], shared=True)
        files = {f"databases/{database['slug']}.yaml": forms.database(database, database_uuid)}
        datasets: dict[str, Asset] = {}
        for _, source in self._sources("datasets"):
            name = f"{source['slug']}_{self._language}"
            asset = forms.dataset(
                source, name, self._uuid("dataset", source["slug"]), database_uuid,
                self._certified_by,
            )  # fmt: skip
            datasets[source["slug"]] = files[f"datasets/{database['slug']}/{name}.yaml"] = asset
        charts: dict[str, tuple[Asset, Asset]] = {}
        for path, source in self._sources("charts"):
            if source.get("dataset") not in datasets:
                raise AssetError(f"{path}: there is no dataset {source.get('dataset')!r}.")
            asset = forms.chart(
                source, self._uuid("chart", source["slug"]),
                datasets[source["dataset"]]["uuid"], self._certified_by,
            )  # fmt: skip
            charts[source["slug"]] = (source, asset)
            files[f"charts/{source['slug']}-{self._language}.yaml"] = asset
        css = (self._folder / "tiles.css").read_text(encoding="utf-8")
        for path, source in self._sources("dashboards"):
            kind = Path(path).stem
            unknown = layout.chart_slugs(source) - charts.keys()
            if unknown:
                raise AssetError(f"{path}: there is no chart {sorted(unknown)[0]!r}.")
            files[f"dashboards/{source['slug']}.yaml"] = layout.dashboard(
                source, self._uuid("dashboard", kind), charts, datasets, css,
                self._certified_by, layout.label_colours(self._texts),
            )  # fmt: skip
        return files

    def _sources(self, kind: str) -> Iterator[tuple[str, Asset]]:
        """Path below the assets' folder and rendered content of each source of a kind."""
        for path in sorted((self._folder / kind).rglob("*.yaml")):
            where = str(path.relative_to(self._folder))
            try:
                yield where, self._fill(read_yaml(path))
            except jinja2.TemplateError as error:
                raise AssetError(f"{where}, language {self._language}: {error}.") from error

    def _fill(self, value: Any) -> Any:
        if isinstance(value, str) and ("<<" in value or "<%" in value):
            return self._environment.from_string(value).render()
        if isinstance(value, dict):
            return {key: self._fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._fill(item) for item in value]
        return value

    def _uuid(self, kind: str, slug: str, *, shared: bool = False) -> str:
        language = "all" if shared else self._language
        return str(uuid.uuid5(self._namespace, f"{kind}/{slug}/{language}"))
