# docker build -t lookalike . && docker run --rm -p 7357:7357 lookalike
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1

RUN useradd --system --user-group --uid 10001 --create-home lookalike

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY fixtures ./fixtures
RUN python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore '.[redis]'

# pip compiles what it installs, but Python's own library comes without byte code, and whom the server runs as may keep
# none: without this each start would compile it anew.
RUN python -c "from lookalike.testing.hosting import threaded; threaded({'fixture': 'demo'}).close()"

USER lookalike
WORKDIR /home/lookalike
EXPOSE 7357

HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "from os import environ; from urllib.request import urlopen; urlopen('http://127.0.0.1:' + environ.get('LOOKALIKE_PORT', '7357') + '/_lookalike/health', timeout=2)"]

# Every interface of the container is not loopback: the control API asks for the token that the banner shows.
CMD ["lookalike", "serve", "--host", "0.0.0.0"]
