"""What stops a build before any model runs, in one sentence."""


class RefusalError(Exception):
    """A raw extract that cannot be read without a decision that only its owner can take."""
