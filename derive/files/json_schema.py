"""The JSON Schema of problem files, generated from the models that read them.

Editors complete, explain and check a file with it. They differ in what they know
of JSON Schema: Taplo, behind most TOML plugins, knows draft 7 and passes over
everything that stands beside a `$ref`. So this is draft 7 without references.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any

from pydantic.json_schema import DEFAULT_REF_TEMPLATE, GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from derive.files import schema as tables_of_a_file
from derive.files.schema import File

DRAFT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, Any]

_REFERENCE = DEFAULT_REF_TEMPLATE.format(model="")
_OF_ANY_TYPE = {"enum", "const", "anyOf"}


def json_schema() -> Schema:
    """The schema of a whole file: every key with its type, its help and its default."""
    made = File.model_json_schema(schema_generator=_TomlSchema)
    tables = made.pop("$defs")
    return {"$schema": DRAFT, **_written_out(made, tables), "title": "problem file of backproof"}


def _helps() -> Mapping[str, Mapping[str, str]]:
    """The text under each key of each table.

    pydantic would look for it while it makes the tables, and so at every start of the program.
    """
    source = ast.parse(inspect.getsource(tables_of_a_file))
    tables = [part for part in source.body if isinstance(part, ast.ClassDef)]
    return {table.name: dict(_helped(table)) for table in tables}


def _helped(table: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for stated, below in pairwise(table.body):
        match stated, below:
            case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(text))):
                yield key, inspect.cleandoc(text)


class _TomlSchema(GenerateJsonSchema):
    """What can stand in a TOML file: nothing is null there."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """A table, with the help of each key beside it."""
        made = super().model_schema(schema)
        for key, text in self.helps[schema["cls"].__name__].items():
            made["properties"][key]["description"] = text
        return made

    @cached_property
    def helps(self) -> Mapping[str, Mapping[str, str]]:
        return _helps()

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default that is a word or a whole number; None, [] and tables say nothing to an author."""
        made = self.generate_inner(schema["schema"])
        default = schema.get("default")
        return {**made, "default": default} if default and isinstance(default, str | int) else made


def _written_out(schema: Any, tables: Schema) -> Any:
    """A schema with every table in the place of its reference; what stood beside that wins."""
    if isinstance(schema, list):
        return [_written_out(part, tables) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _written_out(part, tables) for key, part in schema.items() if key != "$ref"}
    if "$ref" in schema:
        made = {**_written_out(tables[schema["$ref"].removeprefix(_REFERENCE)], tables), **made}
    if isinstance(made.get("properties"), dict):
        keys = made["properties"].items()
        made["properties"] = {key: {**part, "title": key.replace("_", " ")} for key, part in keys}
    return _one_of_types(made)


def _one_of_types(schema: Schema) -> Schema:
    """`a count or names` as one schema of two types, where its parts speak of different types only.

    What is said of a wrong name then names that name, instead of two schemas that both do not fit.
    """
    parts = schema.get("anyOf", ())
    types = [part.get("type") for part in parts]
    words = [kind for kind in types if isinstance(kind, str)]
    if not parts or len(set(words)) < len(types) or any(_OF_ANY_TYPE & part.keys() for part in parts):
        return schema
    merged: Schema = {}
    for part in parts:
        merged |= part
    beside = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**merged, "type": types, **beside}
