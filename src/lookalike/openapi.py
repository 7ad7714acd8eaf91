"""A vendor's contract as an OpenAPI 3.1 document, made from the operations it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from lookalike import __version__
from lookalike.answer import STATUS_LINES
from lookalike.routes import Operation
from lookalike.vendor import Vendor

Schema = dict[str, Any]

_PARAMETER = re.compile(r"\{(?:[a-z]+:)?(\w+)\}")
_REF = "#/components/schemas/{model}"


def document(vendor: Vendor, url: str) -> dict[str, Any]:
    """Every implemented operation of a vendor whose API is served at `url`."""
    schemas = _Schemas(vendor)
    server, prefix = _server(vendor, url)
    paths = _paths(vendor, schemas, prefix)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{vendor.title}, as lookalike serves it",
            "version": __version__,
            "description": "Where the facts of an operation come from is in x-lookalike-source: "
            "S the vendor's source or recordings, D its documentation, I inferred by us; x-lookalike-why says more.",
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in vendor.operations)],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas.needed_by(paths), "securitySchemes": _security_schemes(vendor)},
    }


def _server(vendor: Vendor, url: str) -> tuple[str, str]:
    """The server's URL and the part of every path that it already holds."""
    # Only where every path lies below the base path can the base URL stand in front of all of them.
    base = vendor.base_path
    if base and all(path.startswith(f"{base}/") for operation in vendor.operations for path in operation.paths):
        return url, base
    return url.removesuffix(base), ""


class _Generator(GenerateJsonSchema):
    """Pydantic's own, without `default: null`, which says nothing and need not fit the type."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if key != "default" or value is not None}


class _Schemas:
    """The JSON schemas of all models of a vendor, each named once."""

    def __init__(self, vendor: Vendor) -> None:
        wanted: dict[tuple[str, str], Any] = {("error", "error"): vendor.error_model}
        for operation in vendor.operations:
            body = operation.accepts or operation.body
            query = operation.accepts_query or operation.query
            models = {"body": body, "query": query, "answer": operation.returns}
            wanted |= {(operation.id, use): model for use, model in models.items() if model is not None}
        found, definitions = TypeAdapter.json_schemas(
            [(key, "serialization" if key[1] == "answer" else "validation", _adapter(m)) for key, m in wanted.items()],
            ref_template=_REF,
            schema_generator=_Generator,
        )
        self._found = {key: schema for (key, _mode), schema in found.items()}
        self.components: Schema = definitions.get("$defs", {})

    def of(self, operation: str, use: str) -> Schema | None:
        """The schema of an operation's body, query or answer, or None where it has none."""
        return self._found.get((operation, use))

    def needed_by(self, paths: Schema) -> Schema:
        """The named schemas that the paths lead to; models of queries are spelled out there and need no name."""
        needed: set[str] = set()
        waiting: list[Any] = [paths]
        while waiting:
            node = waiting.pop()
            if isinstance(node, list):
                waiting += node
            elif isinstance(node, dict):
                waiting += node.values()
                name = str(node.get("$ref", "")).rpartition("/")[2]
                if name in self.components and name not in needed:
                    needed.add(name)
                    waiting.append(self.components[name])
        return {name: schema for name, schema in self.components.items() if name in needed}

    def resolved(self, schema: Schema) -> Schema:
        """What a reference stands for."""
        reference = schema.get("$ref")
        return self.components[reference.rpartition("/")[2]] if reference else schema


def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)


def _paths(vendor: Vendor, schemas: _Schemas, prefix: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    spelled: dict[str, str] = {}
    for operation in vendor.operations:
        ways = product(operation.paths, (operation.method, *operation.also))
        for number, (declared, method) in enumerate(ways, start=1):
            path = _PARAMETER.sub(r"{\1}", declared.removeprefix(prefix))
            # Two operations may name the same parameter differently; a document must not.
            path = spelled.setdefault(_PARAMETER.sub("{}", path), path)
            id = operation.id if number == 1 else f"{operation.id}_{number}"
            paths.setdefault(path, {})[method.lower()] = _operation(vendor, operation, schemas, path, id)
    return paths


def _operation(vendor: Vendor, operation: Operation, schemas: _Schemas, path: str, id: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "x-lookalike-source": operation.source,
        "parameters": [*_path_parameters(path), *_query_parameters(operation, schemas)],
        "responses": _responses(vendor, operation, schemas),
    }
    if operation.notes:
        described["description"] = operation.notes
    why = vendor.coverage.why(operation.id)
    if why:
        described["x-lookalike-why"] = why
    if operation.doc:
        described["externalDocs"] = {"url": operation.doc}
    scheme: list[Schema] = [] if operation.public else [{_scheme_name(vendor, operation.paths[0]): []}]
    if scheme != [{"key": []}]:
        described["security"] = scheme
    body = schemas.of(operation.id, "body")
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return described


def _path_parameters(path: str) -> Iterator[Schema]:
    for name in _PARAMETER.findall(path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(operation: Operation, schemas: _Schemas) -> Iterator[Schema]:
    query = schemas.of(operation.id, "query")
    if query is None:
        return
    model = schemas.resolved(query)
    required = model.get("required", ())
    for name, schema in model.get("properties", {}).items():
        yield {"name": name, "in": "query", "required": name in required, "schema": schema}


def _responses(vendor: Vendor, operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    status = operation.status
    success: dict[str, Any] = {"description": STATUS_LINES.get(status, "Success").partition(" ")[2]}
    answer = schemas.of(operation.id, "answer")
    if answer is not None:
        success["content"] = {_media_type(vendor): {"schema": answer}}
    trouble = {_media_type(vendor): {"schema": schemas.of("error", "error")}}
    return {str(status): success, "default": {"description": "The vendor's own error", "content": trouble}}


def _media_type(vendor: Vendor) -> str:
    return vendor.content_type.partition(";")[0]


def _security_schemes(vendor: Vendor) -> dict[str, Schema]:
    """The scheme of most operations as `key`, and what others want instead under a name of its own."""
    paths = [vendor.base_path, *(operation.paths[0] for operation in vendor.operations if not operation.public)]
    return {_scheme_name(vendor, path): _scheme(vendor, path) for path in paths}


def _scheme_name(vendor: Vendor, path: str) -> str:
    scheme = _scheme(vendor, path)
    return "key" if scheme == _scheme(vendor, vendor.base_path) else str(scheme.get("scheme") or scheme["name"])


def _scheme(vendor: Vendor, path: str) -> Schema:
    header, value = vendor.key_header("KEY", path)
    scheme = value.partition(" ")[0].lower()
    if header == "Authorization" and scheme in ("bearer", "basic"):
        return {"type": "http", "scheme": scheme}
    return {"type": "apiKey", "in": "header", "name": header}
