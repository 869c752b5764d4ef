#!/bin/sh
# Writes requirements.lock (needs uv): every dependency, direct or not, pinned with the hashes of all its
# files, for every supported Python and platform by markers. It names no registry. What is pinned already stays,
# unless --upgrade is given.
set -eu
cd "$(dirname "$0")/.."
exec uv pip compile pyproject.toml --extra sandbox --group dev --output-file requirements.lock "$@" \
    --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet \
    --no-emit-index-url --no-emit-find-links
