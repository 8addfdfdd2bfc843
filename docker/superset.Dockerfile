# Superset, in an environment of its own: it needs SQLAlchemy 1.4, Airflow needs 2.
FROM python:3.11-slim-bookworm

ENV LANG=C.UTF-8 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# the same user id as in the pipeline's image, whose `init` writes this folder's files
RUN useradd --uid 10001 --create-home klankbord \
    && install -d -o klankbord -g klankbord -m 0700 /var/lib/superset

WORKDIR /opt/klankbord
COPY requirements/superset.txt requirements/
RUN python3 -m venv .venv-superset \
    && .venv-superset/bin/pip install --no-deps --require-hashes -r requirements/superset.txt
ENV PATH=/opt/klankbord/.venv-superset/bin:$PATH \
    PYTHONWARNINGS=ignore \
    SUPERSET_HOME=/var/lib/superset \
    SUPERSET_CONFIG_PATH=/opt/klankbord/superset_assets/superset_config.py

COPY superset_assets/superset_config.py superset_assets/prepare_superset.py superset_assets/
COPY docker/healthy.py docker/

USER 10001
# one worker: its memory is Superset's cache
CMD ["gunicorn", "--bind", "0.0.0.0:8088", "--workers", "1", "--worker-class", "gthread", \
     "--threads", "8", "--timeout", "120", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", \
     "superset.app:create_app()"]
