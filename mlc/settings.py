"""All settings of the product: what they are called, what they mean, what holds when nothing is set.

Read from the environment (`MLC_MODELOP__BASE_URL`, two underscores between section and name) and from the TOML file that
`MLC_CONFIG` names (`mlc.toml` in the current folder by default); the environment wins. The connection to Temporal is not
here: it has Temporal's own standard variables (`TEMPORAL_ADDRESS`, …).
"""

import json
import os
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_snake
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from mlc.dialect import Dialect
from mlc.errors import InvalidInput
from mlc.policy import Policy, ReviewPolicy

CONFIG_VARIABLE = "MLC_CONFIG"


class _Section(BaseModel):
    """A misspelt name is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class ModelOpSettings(_Section):
    """Where ModelOp Center is and who asks. `group` is written on what we create."""

    base_url: str = "http://127.0.0.1:8080"
    username: str = "mlc"
    password: SecretStr = SecretStr("")
    group: str = "mlc"
    timeout_seconds: float = Field(default=20.0, gt=0)
    dialect: Dialect = Dialect()


class JiraSettings(_Section):
    """Where Jira is, who opens tickets, and which words of its workflow mean what (compared without case).

    `username` empty: `token` is a personal access token (Data Center); else basic authentication (Cloud: the e-mail).
    """

    base_url: str = "http://127.0.0.1:8081"
    username: str = ""
    token: SecretStr = SecretStr("")
    project: str = "MLC"
    issue_type: str = "Task"
    approve_statuses: tuple[str, ...] = ("Done", "Approved")
    reject_statuses: tuple[str, ...] = ("Rejected", "Declined")
    cancel_statuses: tuple[str, ...] = ("Cancelled", "Canceled", "Won't Do", "Closed", "Rejected", "Declined")
    index_lag_seconds: float = Field(default=20.0, ge=0)
    watch_seconds: float = Field(default=15.0, gt=0)
    watch_overlap_minutes: int = Field(default=10, ge=1)

    @model_validator(mode="after")
    def _one_word_one_meaning(self) -> "JiraSettings":
        approve = {name.casefold() for name in self.approve_statuses}
        both = [name for name in self.reject_statuses if name.casefold() in approve]
        if both or not approve or not self.reject_statuses:
            raise ValueError(
                f"approve_statuses and reject_statuses must both be given and share no status{': ' + both[0] if both else ''}"
            )
        return self


class GroupSettings(_Section):
    """Which groups may do what at the gateway: a member of any of those named may. Members of `admin` may do all of it."""

    admin: tuple[str, ...] = ("mlc-admin",)
    deploy: tuple[str, ...] = ("mlc-deploy",)
    signal: tuple[str, ...] = ("mlc-signal",)
    signal_responsive: tuple[str, ...] = ("mlc-signal-responsive",)
    decide: tuple[str, ...] = ("mlc-decide",)
    read: tuple[str, ...] = ("mlc-read",)


class AuthSettings(_Section):
    """Whose tokens the gateway takes. As long as one of the first three is empty it takes none.

    `issuer` and `audience` are a token's `iss` and `aud`; the keys at `jwks_url` are fetched anew after `keys_seconds`.
    `groups_claim` names the claim that lists the groups, or the way to it, such as `realm_access.roles`.
    """

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    keys_seconds: float = Field(default=300.0, gt=0)
    groups_claim: str = Field(default="groups", min_length=1)
    groups: GroupSettings = GroupSettings()

    @field_validator("jwks_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("an http or https URL")
        return url


class GatewaySettings(_Section):
    """The REST door. With an empty `webhook_secret` webhooks are refused; the watcher works without them."""

    host: str = "127.0.0.1"
    port: int = Field(default=8082, ge=1, le=65535)
    webhook_secret: SecretStr = SecretStr("")
    auth: AuthSettings = AuthSettings()


class WorkerSettings(_Section):
    """The worker's own matters. `task_queue` names the workflow queue; activities have queues named after it."""

    task_queue: str = "mlc"
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=8083, ge=0, le=65535)
    graceful_seconds: float = Field(default=8.0, ge=0)
    activity_threads: int = Field(default=16, ge=1)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class LinkSettings(_Section):
    """Addresses that tickets point people to; an empty one is left out."""

    temporal_ui: str = ""
    modelop: str = ""


class ReviewSettings(ReviewPolicy, extra="forbid"):
    """The review policy, as settings."""


class PolicySettings(Policy, extra="forbid"):
    """The policy, as settings."""

    # Frozen, so narrowing it is sound.
    review: ReviewSettings = ReviewSettings()  # pyright: ignore[reportIncompatibleVariableOverride]


class Settings(BaseSettings):
    """The whole configuration; `mlc config` prints it with secrets masked."""

    model_config = SettingsConfigDict(env_prefix="MLC_", env_nested_delimiter="__", extra="forbid")

    modelop: ModelOpSettings = ModelOpSettings()
    jira: JiraSettings = JiraSettings()
    gateway: GatewaySettings = GatewaySettings()
    worker: WorkerSettings = WorkerSettings()
    links: LinkSettings = LinkSettings()
    policy: PolicySettings = PolicySettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file; an explicit argument wins over both."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=os.environ.get(CONFIG_VARIABLE, "mlc.toml"))
        return init_settings, env_settings, file


def load_settings() -> Settings:
    """The settings from environment and file. Raises InvalidInput naming the setting, or the file and what is wrong in it."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named and not Path(named).is_file():
        raise InvalidInput(f"{CONFIG_VARIABLE} names {named}, which is not a file")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "MLC_" + "__".join(to_snake(str(part)).upper() for part in first["loc"])
        raise InvalidInput(f"setting {name}: {first['msg']}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{named or 'mlc.toml'} is not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{named or 'mlc.toml'} is not TOML: {error}") from None
    except SettingsError as error:
        raise InvalidInput(_undecodable(error)) from None


def _undecodable(error: SettingsError) -> str:
    """Lists and tables are JSON in the environment; the library names the section alone."""
    cause = error.__cause__
    if isinstance(cause, json.JSONDecodeError):
        for name, value in os.environ.items():
            if name.upper().startswith("MLC_") and value == cause.doc:
                return f'setting {name}: a list is written as JSON, such as ["Done", "Approved"]'
    return f"the settings cannot be read: {error}"
