"""Superset as ``bi/superset/local.py`` runs it: on this machine only, on what was published."""

import os
from pathlib import Path

HOME = Path(os.environ["SUPERSET_HOME"])
SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}?check_same_thread=false&timeout=60"

# Answers are read from the published file each time: none is of a build that was replaced.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# Pages ask no other host: Superset's own setting lets them tell one that they are looked at.
OWN = "'self'"
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": [OWN],
        "connect-src": [OWN],
        "default-src": [OWN],
        "font-src": [OWN],
        "img-src": [OWN, "blob:", "data:"],
        "object-src": "'none'",
        "script-src": [OWN, "'strict-dynamic'"],
        "style-src": [OWN, "'unsafe-inline'"],
        "worker-src": [OWN, "blob:"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
