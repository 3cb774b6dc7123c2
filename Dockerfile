# syntax=docker/dockerfile:1
# One image for web (the default command), both worker clusters and migrations; compose.yaml names their commands.

FROM node:22-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim-bookworm AS build
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
COPY --from=packages /app/node_modules node_modules
# The settings want the environment of production; nothing here reaches a database or is signed with this key.
RUN python -m scripts.assets copy \
    && python -m scripts.translations compile \
    && DATABASE_URL=postgresql://none/none SECRET_KEY=none PUBLIC_URL=http://localhost \
        python manage.py collectstatic --no-input \
    && rm -rf node_modules

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8000
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin webjack
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
# Mails without EMAIL_URL go to var/outbox.
RUN install -d -o webjack -g webjack var/outbox && chown webjack:webjack var
USER webjack
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=12s --start-period=20s --retries=3 \
    CMD python -m scripts.health alive "http://127.0.0.1:$PORT"
# More by GUNICORN_CMD_ARGS. exec: gunicorn itself gets the stop signal.
CMD ["sh", "-c", "exec gunicorn webjack.wsgi -k gthread --preload --workers ${WEB_WORKERS:-2} --threads ${WEB_THREADS:-8} --bind 0.0.0.0:$PORT --worker-tmp-dir /dev/shm --no-control-socket"]
