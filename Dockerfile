# The product: one image, started as `mlc gateway` or `mlc worker`.
FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY pyproject.toml requirements.lock deploy/runtime_lock.py ./

# The lock without hashes serves pip as constraints; from what pip then picks comes the list with hashes.
RUN sed -e '/--hash=/d' -e 's/ \\$//' requirements.lock > versions.txt \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > runtime.txt \
 && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')" > build.txt \
 && for part in runtime build; do \
      pip install -q --dry-run --ignore-installed --report $part.json -c versions.txt -r $part.txt \
      && python runtime_lock.py requirements.lock $part.json > $part.lock || exit 1; \
    done \
 && python -m venv /opt/mlc \
 && /opt/mlc/bin/python -m pip install -q --require-hashes --no-deps -r runtime.lock \
 && pip install -q --require-hashes --no-deps -r build.lock

COPY README.md LICENSE ./
COPY mlc mlc
COPY workflows workflows
COPY activities activities
COPY worker worker
COPY starter starter
COPY sandbox sandbox
RUN pip wheel -q --no-deps --no-build-isolation --wheel-dir /dist . \
 && /opt/mlc/bin/python -m pip install -q --no-deps /dist/*.whl \
 && /opt/mlc/bin/python -m pip check

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/mlc --create-home mlc
COPY --from=build /opt/mlc /opt/mlc
ENV PATH=/opt/mlc/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/mlc
USER 10001
ENTRYPOINT ["mlc"]
CMD ["--help"]
