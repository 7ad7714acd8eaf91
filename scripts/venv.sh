#!/bin/sh
# Makes .venv with the first Python that is new enough: the one named as $1, then whatever python3 there is.
set -eu

fits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

[ -x .venv/bin/python ] && fits .venv/bin/python && exit 0

for python in "$1" python3 python3.11 python3.12 python3.13 python3.14; do
    if fits "$python"; then
        exec "$python" -m venv --clear .venv
    fi
done
echo "lookalike needs Python 3.11 or newer, with its venv module: say where it is, as in make PYTHON=/path/to/python3.11" >&2
exit 1
