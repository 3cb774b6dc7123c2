# Sourced by the commands: sets $python to a Python that can make the virtual environment, or says what is missing.
# A pyenv shim of a version that is not selected exists on PATH and fails, so each candidate is tried, not looked up.
set -euo pipefail

python=""
python_without_venv=""
for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        python="$candidate"
        break
    fi
    python_without_venv="${python_without_venv:-$candidate}"
done

if [ -z "$python" ] && [ -n "$python_without_venv" ]; then
    version="$("$python_without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    echo "Python $version is here but its venv module is not: install the package python$version-venv." >&2
    exit 1
elif [ -z "$python" ]; then
    found="$(python3 --version 2>/dev/null || echo "no Python 3")"
    echo "Webjack needs Python 3.11 or newer, found: $found. Install one, for example: apt install python3.11 python3.11-venv" >&2
    exit 1
fi
