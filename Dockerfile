# Two images (docs/container.md):
#   docker build --tag patronage .                              the API, on port 8080
#   docker build --tag patronage-build --target build .         builds the warehouse, and publishes it
ARG BASE=python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

# All that they share: a user who owns /data and may write nowhere else but in /tmp.
FROM ${BASE} AS base
ENV PATH=/opt/patronage/bin:$PATH \
    PATRONAGE_DUCKDB_PATH=/data/patronage.duckdb \
    PATRONAGE_PUBLISHED_PATH=/data/published.duckdb \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN groupadd --gid 10001 patronage \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp patronage \
    && install --directory --owner 10001 --group 10001 --mode 750 /data
WORKDIR /app

# Makes a folder of packages, each checked by its hash in a lock: the same from the same commit.
FROM base AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_DEPS=1 \
    PIP_PYTHON=/opt/patronage/bin/python
RUN python -m venv --without-pip /opt/patronage

FROM packages AS packages-of-serving
COPY requirements-serving.lock ./
RUN pip install --require-hashes -r requirements-serving.lock
COPY LICENSE README.md pyproject.toml ./
COPY src ./src
RUN pip install --no-build-isolation . && pip uninstall --yes setuptools

FROM packages AS packages-of-build
COPY requirements-build.lock ./
RUN pip install --require-hashes -r requirements-build.lock
COPY LICENSE README.md pyproject.toml ./
COPY src ./src
RUN pip install --no-build-isolation . && pip uninstall --yes setuptools

FROM base AS build
ARG REVISION=unknown
LABEL org.opencontainers.image.title="patronage-build" \
    org.opencontainers.image.description="Builds the warehouse of patronage, and publishes it" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.revision="${REVISION}"
ENV DBT_LOG_PATH=/tmp/logs \
    DBT_PROFILES_DIR=/app/profiles \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false \
    DBT_TARGET_PATH=/tmp/target \
    DO_NOT_TRACK=1
COPY --from=packages-of-build /opt/patronage /opt/patronage
COPY . .
USER 10001:10001
ENTRYPOINT ["/app/scripts/container.sh"]
CMD ["build"]

FROM base AS serving
ARG REVISION=unknown
LABEL org.opencontainers.image.title="patronage" \
    org.opencontainers.image.description="Answers over HTTP from what patronage has published" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.revision="${REVISION}"
ENV PATRONAGE_API_HOST=0.0.0.0
COPY --from=packages-of-serving /opt/patronage /opt/patronage
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["patronage", "ping"]
ENTRYPOINT ["patronage"]
CMD ["serve"]
