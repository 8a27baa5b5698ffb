# The service with a worker, or what the command names. Neo4j runs in its own container, see docker-compose.yml.
FROM python:3.11-slim

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    UV_NO_CACHE=1

RUN useradd --system --uid 10001 --create-home crashgraph \
    && install --directory --owner=crashgraph /data

WORKDIR /app
# Pinned dependencies change rarely, so they get their own layer.
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY tools/install.py tools/
RUN python -m venv .venv && .venv/bin/python tools/install.py --torch cpu

COPY graph graph
COPY resolvers resolvers
COPY jobs jobs
COPY schema schema
COPY viz viz
COPY samples samples
COPY crashgraph crashgraph

USER crashgraph
VOLUME /data
EXPOSE 8321
ENTRYPOINT ["crashgraph"]
CMD ["up"]
