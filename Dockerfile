# The API on port 8080 (docker run IMAGE), or the warehouse (docker run IMAGE build): docs/deploy.md.
FROM python:3.13.9-slim-bookworm

ENV DBT_PROFILES_DIR=/app/profiles \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    DO_NOT_TRACK=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PATRONAGE_API_HOST=0.0.0.0 \
    PATRONAGE_DUCKDB_PATH=/data/patronage.duckdb \
    PATRONAGE_PUBLISHED_PATH=/data/published.duckdb \
    DBT_TARGET_PATH=/tmp/target \
    DBT_LOG_PATH=/tmp/logs

RUN useradd --create-home --uid 10001 patronage \
    && mkdir /data \
    && chown 10001 /data
WORKDIR /app

# What the lock names, and nothing newer: the same image from the same commit.
COPY requirements-runtime.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements-runtime.lock

COPY . ./
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable .

USER 10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/ping', timeout=4)"]
ENTRYPOINT ["/app/scripts/container.sh"]
CMD ["serve"]
