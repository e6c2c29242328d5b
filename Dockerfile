# Evenbar in a container: `serve` by default, `worker` and every other command the same way.
# docs/operating.md says what to set. Build: docker build -t evenbar .

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/evenbar
COPY requirements.lock ./
RUN /opt/evenbar/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY portal portal
COPY templates templates
COPY static static
COPY rubrics rubrics
COPY migrations migrations
RUN /opt/evenbar/bin/pip install --no-deps . && /opt/evenbar/bin/python -m compileall -q /opt/evenbar

FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core fonts-wqy-microhei libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /var/lib/evenbar --shell /usr/sbin/nologin evenbar \
    && chmod 0700 /var/lib/evenbar
COPY --from=build /opt/evenbar /opt/evenbar
ENV PATH=/opt/evenbar/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    EVENBAR_DATABASE_URL=sqlite:////var/lib/evenbar/evenbar.db \
    EVENBAR_STORAGE_URL=file:///var/lib/evenbar/files
USER evenbar
WORKDIR /var/lib/evenbar
VOLUME /var/lib/evenbar
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["evenbar"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
