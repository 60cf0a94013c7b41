# Sourced by the other scripts: virtual environments in the checkout, made once and kept current.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Prints the first Python on PATH that is new enough.
find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "photochrom needs Python 3.11 or newer, and none was found (https://www.python.org)" >&2
    return 1
}

# Prints one line that changes whenever a file below the given paths does.
fingerprint() {
    (cd "$root" && find "$@" -type f ! -name '*.pyc' -print | LC_ALL=C sort |
        tr '\n' '\0' | xargs -0 cksum | cksum)
}

# make_environment FOLDER STAMP INSTALL...: runs the command INSTALL with FOLDER's Python appended
# to it, unless the last one to succeed left the same STAMP.
make_environment() {
    local folder="$root/$1" stamp="$root $2" python
    shift 2
    if [ -x "$folder/bin/python" ] && [ "$(cat "$folder/photochrom-stamp" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    python="$(find_python)"
    echo "photochrom: preparing ${folder#"$root"/} (only the first time, and after changes)" >&2
    rm -f "$folder/photochrom-stamp"
    if ! "$python" -m venv "$folder"; then
        echo "photochrom: $python cannot make a virtual environment; on Debian and Ubuntu," >&2
        echo "            'sudo apt install python3-venv' adds what is missing" >&2
        return 1
    fi
    (cd "$root" && "$@" "$folder/bin/python") >&2
    echo "$stamp" >"$folder/photochrom-stamp"
}
