"""What stops a build before any model runs: one sentence that says where, what was found and what is accepted."""


class RefusalError(Exception):
    """A raw extract that cannot be read without a decision that only its owner can take."""
