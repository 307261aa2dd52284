# The same commands on a laptop and in CI; "make" alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help python build serve dashboard pictures explore notebooks style check lint test demo-seeds bench bench-api soak mutants lock clean \
	spark test-all test-spark superset superset-export test-superset

export DBT_PROFILES_DIR := profiles
export DO_NOT_TRACK := 1
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# The newest Python on this machine that the project runs on.
PYTHON ?= $(shell PATH=$${PATH//$(CURDIR)\/.venv\/bin:/}; for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& command -v $$python && break; done)

# Superset runs on these alone.
SUPERSET_PYTHON ?= $(shell for python in python3.12 python3.11 $(PYTHON); do \
	$$python -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
	&& command -v $$python && break; done)

# $(call step,command,advice): run one step; if it fails, stop there and say what to do.
step = @echo "== $(1)"; $(1) || { echo; echo "$(2)"; exit 1; }
pytest = pytest --numprocesses 3
# Where there is Java, the tests compare a cluster of Apache Spark with DuckDB.
spark = $(if $(shell command -v java),.venv/spark/.made)
one_test = Run one test alone: .venv/bin/pytest tests/python/FILE.py -k NAME

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

python:  ## name the Python that the environment is made from
	@echo $(PYTHON)

build: .venv/.made  ## make the environment, build the demo, publish it, print its segments
	$(call step,python scripts/build.py,The build has failed; dbt names the reason above. What was published before is still there.)
	$(call step,patronage publish,Nothing was published; the reason stands above.)
	@patronage summary

spark: .venv/.made .venv/spark/.made  ## build the demo on Apache Spark, with every dbt test: for the night (docs/spark.md; needs Java 17)
	@command -v java >/dev/null || { echo "Spark needs Java 17 or 21: install one, such as Debian's openjdk-17-jre-headless."; exit 1; }
	$(call step,PYTHONPATH=.venv/spark python scripts/build.py --target spark,The build has failed; dbt names the reason above.)

serve: .venv/.made  ## answer over HTTP from the published file (docs/api.md)
	@patronage serve

dashboard: .venv/.made  ## draw the boards in charts/ as a static site (docs/dashboard.md)
	$(call step,dbt --quiet docs generate --static --no-compile,The data dictionary cannot be made; see above.)
	@patronage dashboard

pictures: .venv/.made  ## draw the boards that the README shows, from the published demo
	@python scripts/draw_pictures.py

explore: .venv/.made  ## serve the boards in charts/, with their filters
	@patronage explore

notebooks: .venv/.made  ## open the studies in notebooks/, to read and to change (docs/notebooks.md)
	@marimo edit --skip-update-check --no-sandbox notebooks

superset: .superset/env/.made  ## serve Superset on this machine, with the charts in bi/superset (docs/bi.md)
	@PYTHONPATH=src .superset/env/bin/python bi/superset/local.py $(if $(PORT),--port $(PORT))

superset-export: .superset/env/.made  ## make the charts in bi/superset again, from their list
	@PYTHONPATH=src .superset/env/bin/python bi/superset/make_export.py

test-superset: .venv/.made .superset/env/.made  ## compare Superset's charts with the marts while builds are published
	$(call step,pytest tests/python/test_superset.py,$(one_test))

test-spark: .venv/.made .venv/spark/.made  ## compare a cluster of Apache Spark with DuckDB in all ways (docs/spark.md; needs Java 17)
	$(call step,pytest -m spark tests/python/test_spark.py,$(one_test))

style: .venv/.made
	$(call step,yamllint --strict .,Correct the lines named above.)
	$(call step,ruff check .,Some of it can be corrected by: .venv/bin/ruff check --fix .)
	$(call step,ruff format --check .,Correct it by: .venv/bin/ruff format .)
	$(call step,mypy,Correct the types named above.)

check: style  ## the quick loop: style, types and every test that needs no dbt run
	$(call step,$(pytest) -m 'not (dbt or server or container or spark or superset)',$(one_test))

test: lint .venv/duckdb-2/.made $(spark)  ## lint, and every test but exhaustive ones and those of Superset
	$(call step,$(pytest) -m 'not (exhaustive or superset)',$(one_test))

test-all: lint .venv/duckdb-2/.made $(spark)  ## make test, with all of the many variants of raw files
	$(call step,$(pytest) -m 'not superset',$(one_test))

# The gates build the demo, every dbt test included, into a throw-away file: the user's warehouse
# stays as it is. sqlfluff and dbt-bouncer look at what that build has made.
lint test test-all: export PATRONAGE_DUCKDB_PATH := target/gates/patronage.duckdb
lint test test-all: export DBT_TARGET_PATH := target/gates
lint test test-all: export DBT_LOG_PATH := target/gates/logs
lint: style  ## style, types, the demo with every dbt test, and the project's conventions
	@rm -rf target/gates && mkdir -p target/gates
	$(call step,python scripts/build.py,A model or a test of the demo has failed; the error above says which.)
	$(call step,dbt --quiet docs generate --no-compile,The catalogue cannot be made; see above.)
	$(call step,COLUMNS=160 dbt-bouncer,The rule that was broken stands in dbt-bouncer.yml.)
	$(call step,sqlfluff lint --processes 2 models tests,Some of it can be corrected by: .venv/bin/sqlfluff fix FILE)

demo-seeds: .venv/.made  ## draw the demo data again (the same bytes, unless the script has changed)
	@python scripts/generate_demo_seeds.py

mutants: .venv/.made  ## break the project in 42 ways, and see whether a test notices
	$(call step,python scripts/mutants.py,Write a test that fails for each mutant that survives.)

# LINES, CUSTOMERS, ROUNDS, SIDES, EXTRACT (a file instead of lines), DAY=1, NODES=1 and WRITE=1 are explained in docs/benchmarks.md.
bench: .venv/.made .venv/duckdb-2/.made .venv/bench/.made  ## measure the project beside pandas, Polars and bare DuckDB (docs/benchmarks.md)
	@python benchmarks/bench.py --lines $(or $(LINES),1000000) --customers $(or $(CUSTOMERS),50000) --rounds $(or $(ROUNDS),3) \
		--sides '$(SIDES)' --extract '$(EXTRACT)' $(if $(DAY),--day) $(if $(NODES),--nodes) $(if $(WRITE),--write)

bench-api: .venv/.made  ## measure the API beside a service that unpickles its model
	@python benchmarks/api.py

soak: .venv/.made  ## ask the API for ten minutes while builds are published, and hold that nothing grows
	$(call step,python scripts/soak.py,What went wrong stands above.)

lock: FORM := --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header
lock: LOCK := pyproject.toml --group wheel $(FORM)
lock: OF_IT := --constraints requirements.lock --no-annotate
lock:  ## write requirements.lock, and of it what each image needs, from pyproject.toml, the other DuckDB, and Polars; needs uv
	@command -v uv >/dev/null || { echo "uv is missing: install it, it resolves the versions."; exit 1; }
	uv pip compile --extra dev $(LOCK) --output-file requirements.lock
	uv pip compile --extra api $(LOCK) $(OF_IT) --output-file requirements-serving.lock
	uv pip compile --extra warehouse --extra databases --extra s3 $(LOCK) $(OF_IT) --output-file requirements-build.lock
	echo 'duckdb>=2,<3' | uv pip compile - $(FORM) --no-annotate --output-file requirements-duckdb-2.lock
	printf '%s\n' dbt-spark==1.11.0 'pyspark>=4.1,<5' py4j sqlparams grpcio grpcio-status googleapis-common-protos zstandard \
		| uv pip compile - --no-deps --constraints requirements.lock $(FORM) --no-annotate --output-file requirements-spark.lock
	echo polars | uv pip compile - $(FORM) --no-annotate --output-file requirements-bench.lock
	uv pip compile bi/superset/requirements.in $(FORM) --no-annotate --output-file bi/superset/requirements.txt

clean:  ## remove target, logs and caches; the warehouse and .venv stay
	rm -rf target logs .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.made: requirements.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "patronage needs Python 3.11, 3.12 or 3.13, with venv: install one, or run make PYTHON=its/path."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "$(PYTHON) is another Python than 3.11, 3.12 and 3.13, on which patronage runs."; exit 1; }
	$(PYTHON) -m venv --clear .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The other DuckDB that is supported: put before the one of the lock by PYTHONPATH.
.venv/duckdb-2/.made: .venv/.made requirements-duckdb-2.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(@D) -r requirements-duckdb-2.lock
	@touch $@

# Spark, put before the environment by PYTHONPATH: 450 MB that nothing else needs.
.venv/spark/.made: .venv/.made requirements-spark.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(@D) -r requirements-spark.lock
	@touch $@

# What make bench measures besides, in a folder of its own, too.
.venv/bench/.made: .venv/.made requirements-bench.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(@D) -r requirements-bench.lock
	@touch $@

# Superset pins what this project does not, and is as large as all the rest: it has an environment of its own.
.superset/env/.made: bi/superset/requirements.txt
	@[ -n "$(SUPERSET_PYTHON)" ] || { echo "Superset needs Python 3.11 or 3.12, with venv: install one, or run make SUPERSET_PYTHON=its/path."; exit 1; }
	$(SUPERSET_PYTHON) -m venv --clear .superset/env
	.superset/env/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r bi/superset/requirements.txt
	@touch $@
