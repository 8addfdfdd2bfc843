# The pipeline: Airflow, dbt, Great Expectations and klankbord, as `make setup` installs them.
FROM python:3.11-slim-bookworm

ENV LANG=C.UTF-8 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# One user id for both images: Superset reads files of mode 0600 that `init` writes. A named volume
# takes the owner and mode of the folder that it first covers.
RUN useradd --uid 10001 --create-home klankbord \
    && install -d -o klankbord -g klankbord -m 0700 /var/lib/klankbord /var/lib/superset

WORKDIR /opt/klankbord
COPY requirements/pipeline.txt requirements/
# every package is in the file, with its hash: nothing is left to resolve
RUN python3 -m venv .venv \
    && .venv/bin/pip install --no-deps --require-hashes -r requirements/pipeline.txt
ENV PATH=/opt/klankbord/.venv/bin:$PATH

COPY pyproject.toml ./
COPY src src
RUN .venv/bin/pip install --no-deps --editable .
COPY dags dags
COPY orchestration orchestration
COPY dbt_project dbt_project
COPY expectations expectations
COPY register register
COPY superset_assets superset_assets
COPY docker/healthy.py docker/

USER 10001
ENTRYPOINT ["python", "-m", "orchestration.container"]
