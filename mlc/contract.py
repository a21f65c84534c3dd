"""The base of everything that crosses a border: workflow inputs and results, activity arguments, JSON for people's programs."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Contract(BaseModel):
    """A frozen value, camelCase on the wire. Unknown fields are ignored, so that an older reader survives a newer writer."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )
