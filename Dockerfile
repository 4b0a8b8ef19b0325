# One image for web, worker, beat and the one-shot preparation; docker-compose.yml says which command runs where.
# The base is named by its digest; deploy/pin_images.sh looks up newer ones at the registry and writes them into .env.
ARG PYTHON_IMAGE=python:3.11-slim-trixie@sha256:9534e5a8e315485d4061ed659af0fd78a284c015f9b73661b41d6bab25604534

FROM ${PYTHON_IMAGE} AS build
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM ${PYTHON_IMAGE}
# pg_dump and pg_restore for `manage.py backup` and `restore`: of the server's version in docker-compose.yml, or later.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/timeloom --create-home timeloom \
    && mkdir -p /var/lib/timeloom/static /var/lib/timeloom/numba \
    && chown -R timeloom /var/lib/timeloom
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TIMELOOM_VAR=/var/lib/timeloom \
    NUMBA_CACHE_DIR=/var/lib/timeloom/numba \
    BIND=0.0.0.0:8000
WORKDIR /app
COPY . .
USER timeloom
# Both searches are compiled once, here, so that no first job waits for it. On a processor of another kind than this machine's they are compiled anew.
RUN python -c "from generation.engine import solve; solve.warm()"
RUN python -c "from generation.engine.term_model import preparation; preparation.warm()"
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py", "erp.asgi:application"]
