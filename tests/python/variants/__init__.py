"""Broken, unusual and fine variants of one small extract; the same ones in every run."""

from variants.base import Variant
from variants.compressed import compressed
from variants.dates import dates
from variants.dialects import dialects
from variants.encodings import encodings
from variants.globs import globs
from variants.headers import headers
from variants.ids import ids
from variants.numbers import numbers
from variants.parquet import parquets
from variants.paths import paths

TEXT = [*encodings(), *dialects(), *headers()]
VALUES = [*numbers(), *dates(), *ids()]
FILES = [*globs(), *compressed(), *paths(), *parquets()]
VARIANTS: dict[str, Variant] = {variant.name: variant for variant in [*TEXT, *VALUES, *FILES]}
