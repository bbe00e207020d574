"""Types that the framework describes otherwise than msgspec writes them."""

from __future__ import annotations

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition


class AsWritten(OpenAPISchemaPlugin):
    """A struct that is written as an array, and a mapping to numbers among others.

    The framework takes the one for an object, and says of each number that it fits exactly one of `integer` and
    `number`, which 3 does not.
    """

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        return _is_array(field_definition) or _is_of_numbers(field_definition)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        """The JSON Schema of what is written."""
        of = schema_creator.for_field_definition
        if _is_array(field_definition):
            fields = msgspec.structs.fields(field_definition.annotation)
            items = [of(FieldDefinition.from_annotation(field.type)) for field in fields]
            return Schema(type=OpenAPIType.ARRAY, prefix_items=items, min_items=len(items), max_items=len(items))
        values = [of(one) for one in _values(field_definition) if one.annotation is not int]
        return Schema(type=OpenAPIType.OBJECT, additional_properties=Schema(one_of=values))


def _is_array(field: FieldDefinition) -> bool:
    return field.is_subclass_of(msgspec.Struct) and field.annotation.__struct_config__.array_like


def _is_of_numbers(field: FieldDefinition) -> bool:
    return field.is_mapping and {int, float} <= {one.annotation for one in _values(field)}


def _values(field: FieldDefinition) -> tuple[FieldDefinition, ...]:
    """What a value of a mapping may be."""
    inner = field.inner_types
    return inner[1].inner_types if len(inner) == 2 and inner[1].is_union else ()
