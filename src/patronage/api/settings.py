"""What the environment sets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from patronage.published import default_paths

MAX_BYTES = 4 * 1024 * 1024
"""A batch of 10,000 rows that name shop and segmentation has about 1.5 million bytes."""


class SettingsError(Exception):
    """What is wrong with a setting, in one sentence."""


@dataclass(frozen=True)
class Settings:
    """What the API is started with.

    Attributes
    ----------
    published
        The file that ``patronage publish`` writes.
    keys
        Accepted values of the header ``X-API-Key``; none = no key is asked for.
    max_bytes
        Longest accepted body in bytes.
    default_shop
        Shop of requests that name none; None = the shop with the most customers.
    """

    published: Path
    keys: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    default_shop: str | None = None


def positive(environment: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole number of at least 1.

    Raises
    ------
    SettingsError
        It is something else.
    """
    text = environment.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise SettingsError(f"{name} is {text!r}, and must be a whole number of at least 1")
    return int(text)


def settings_of(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of ``docs/api.md``.

    Raises
    ------
    SettingsError
        A value cannot be used.
    """
    keys = environment.get("PATRONAGE_API_KEYS", "").split(",")
    return Settings(
        published=default_paths(environment)[1],
        keys=tuple(key.strip() for key in keys if key.strip()),
        max_bytes=positive(environment, "PATRONAGE_API_MAX_BYTES", MAX_BYTES),
        default_shop=environment.get("PATRONAGE_DEFAULT_SHOP") or None,
    )
