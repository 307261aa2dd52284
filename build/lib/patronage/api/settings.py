"""What the environment sets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from patronage.api.keys import KeysError, read_keys
from patronage.published import default_paths

MAX_BYTES = 6 * 1024 * 1024
"""What SageMaker sends at most; a batch of 10,000 rows has about 0.8 million bytes."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
        Accepted values of the header ``X-API-Key``, as ``read_keys`` reads them.
    keys_file
        The file that holds them instead; neither = no key is asked for.
    max_bytes
        Longest accepted body in bytes.
    default_shop
        Shop of requests that name none; None = the shop with the most customers.
    default_segmentation
        Segmentation of requests that name none; None = the primary one.
    hosts
        Accepted names in the header ``Host``; None = any.
    has_access_log
        Whether each request is logged.
    """

    published: Path
    keys: str | None = None
    keys_file: Path | None = None
    max_bytes: int = MAX_BYTES
    default_shop: str | None = None
    default_segmentation: str | None = None
    hosts: frozenset[str] | None = LOOPBACK
    has_access_log: bool = False

    @property
    def asks_for_keys(self) -> bool:
        """Whether requests need a key."""
        return self.keys is not None or self.keys_file is not None


def positive(environment: Mapping[str, str], name: str, default: int) -> int:
    """Read a whole number of at least 1.

    Raises
    ------
    SettingsError
        It is something else.
    """
    text = environment.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 16 and int(text) > 0):
        raise SettingsError(f"{name} is {text!r}, and must be a whole number of at least 1")
    return int(text)


def switch(environment: Mapping[str, str], name: str) -> bool:
    """Read a switch.

    Raises
    ------
    SettingsError
        It is neither 1 nor 0.
    """
    text = environment.get(name, "") or "0"
    if text not in ("0", "1"):
        raise SettingsError(f"{name} is {text!r}, and must be 1 (on) or 0 (off)")
    return text == "1"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host's address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def keys_of(environment: Mapping[str, str]) -> tuple[str | None, Path | None]:
    """Find the keys, or the file that holds them, and hold that they can be used.

    Raises
    ------
    SettingsError
        There are none where some are meant to be.
    """
    keys = environment.get("PATRONAGE_API_KEYS")
    file = environment.get("PATRONAGE_API_KEYS_FILE")
    if keys is not None and file is not None:
        raise SettingsError(
            "PATRONAGE_API_KEYS and PATRONAGE_API_KEYS_FILE are both set: unset one of them"
        )
    try:
        if file is not None:
            read_keys(None, Path(file))
        if keys is not None:
            read_keys(keys, None)
    except KeysError as error:
        raise SettingsError(str(error)) from error
    return keys, None if file is None else Path(file)


def settings_of(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of ``docs/api.md``.

    Raises
    ------
    SettingsError
        A value cannot be used, or whoever reaches this machine could read customers' data.
    """
    keys, keys_file = keys_of(environment)
    host = environment.get("PATRONAGE_API_HOST") or "127.0.0.1"
    asks_for_keys = keys is not None or keys_file is not None
    if not (is_loopback(host) or asks_for_keys or switch(environment, "PATRONAGE_API_OPEN")):
        raise SettingsError(
            f"other machines can reach {host}, and no key would be asked for: set"
            " PATRONAGE_API_KEYS_FILE or PATRONAGE_API_KEYS, or PATRONAGE_API_OPEN=1 to answer"
            " whoever asks"
        )
    listed = environment.get("PATRONAGE_API_HOSTS", "").split(",")
    hosts = frozenset(name.strip().lower() for name in listed if name.strip())
    return Settings(
        published=default_paths(environment)[1],
        keys=keys,
        keys_file=keys_file,
        max_bytes=positive(environment, "PATRONAGE_API_MAX_BYTES", MAX_BYTES),
        default_shop=environment.get("PATRONAGE_DEFAULT_SHOP") or None,
        default_segmentation=environment.get("PATRONAGE_DEFAULT_SEGMENTATION") or None,
        hosts=LOOPBACK | {host.lower()} | hosts if is_loopback(host) else hosts or None,
        has_access_log=switch(environment, "PATRONAGE_API_ACCESS_LOG"),
    )
