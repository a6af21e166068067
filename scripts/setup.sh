# Sourced by the scripts beside it: finds or installs what they need.
# shellcheck shell=bash

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Outside the checkout, so that the next clone builds quickly.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/parallax/target}"
export PATH="$HOME/.cargo/bin:$PATH"

# Drawing libraries complain where there is no desktop session; a folder of ours keeps them calm.
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    XDG_RUNTIME_DIR="${TMPDIR:-/tmp}/parallax-runtime-$(id -u)"
    mkdir -p -m 700 "$XDG_RUNTIME_DIR"
    export XDG_RUNTIME_DIR
fi

say() { printf '%s\n' "$*" >&2; }

# What building, and drawing without a graphics card, takes.
readonly BUILD_PACKAGES=(gcc libc6-dev ca-certificates curl)
readonly WINDOW_PACKAGES=(libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0
    libwayland-client0 libvulkan1 mesa-vulkan-drivers)
TEST_PACKAGES=(mosquitto python3 python3-venv)
# Tests start a PostgreSQL of their own on a free port; the one that Debian's package starts on
# installation is never touched.
if ! command -v initdb >/dev/null && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
    TEST_PACKAGES+=(postgresql)
fi
readonly TEST_PACKAGES
# The Python package whose library is the EPANET 2.2 that tests and benches compare with.
readonly EPANET_PACKAGE=wntr==1.5.0
# What reads the files of a store beside us, and simulates lines, in tests and benches.
readonly PEER_PACKAGES=(duckdb==2.0.0 pyarrow==26.0.1 pandas==3.1.1 simpy==4.1.2)

# Installs the packages that are missing; says which if it may not.
install_packages() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        say "This is not Debian or Ubuntu: please see that these are installed: $*"
        return
    fi
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            say "Please install as root, then start this again: apt-get install ${missing[*]}"
            exit 2
        fi
        root=(sudo)
    fi
    say "Installing ${missing[*]}"
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# Finds a Rust that is new enough, or installs it for this user.
install_rust() {
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)
    if [ -n "$found" ] && [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ]; then
        return
    fi
    say "Rust $wanted or newer is needed${found:+, and $found is here}: installing it for this user"
    if ! command -v rustup >/dev/null; then
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal --component clippy,rustfmt >&2
    else
        rustup toolchain install stable --profile minimal --component clippy,rustfmt >&2
        rustup default stable >&2
    fi
}

# Finds the reference for water networks, or installs it for this user, and tells the tests where.
# The package's own dependencies are left out: only its library is called.
install_epanet() {
    local folder="${XDG_CACHE_HOME:-$HOME/.cache}/parallax/epanet"
    if [ -z "${PARALLAX_EPANET:-}" ]; then
        if [ "$(cat "$folder/installed" 2>/dev/null)" != "$EPANET_PACKAGE" ] || ! "$folder/bin/python" -V >/dev/null 2>&1; then
            say "Installing $EPANET_PACKAGE in $folder"
            rm -rf "$folder"
            if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check \
                --no-deps --only-binary :all: "$EPANET_PACKAGE"; } >&2; then
                say "EPANET could not be installed: tests that compare with it are skipped by name"
                rm -rf "$folder"
                return
            fi
            printf '%s' "$EPANET_PACKAGE" >"$folder/installed"
        fi
        PARALLAX_EPANET="$folder/bin/python"
    fi
    export PARALLAX_EPANET
}

# Finds the readers of Parquet and the simulator that tests compare with, or installs them for this
# user, and tells the tests where.
install_peers() {
    local folder="${XDG_CACHE_HOME:-$HOME/.cache}/parallax/peers"
    if [ -z "${PARALLAX_PEERS:-}" ]; then
        if [ "$(cat "$folder/installed" 2>/dev/null)" != "${PEER_PACKAGES[*]}" ] || ! "$folder/bin/python" -V >/dev/null 2>&1; then
            say "Installing ${PEER_PACKAGES[*]} in $folder"
            rm -rf "$folder"
            if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check \
                --only-binary :all: "${PEER_PACKAGES[@]}"; } >&2; then
                say "DuckDB, pyarrow and simpy could not be installed: tests that ask them are skipped by name"
                rm -rf "$folder"
                return
            fi
            printf '%s' "${PEER_PACKAGES[*]}" >"$folder/installed"
        fi
        PARALLAX_PEERS="$folder/bin/python"
    fi
    export PARALLAX_PEERS
}

# Finds nats-server, or unpacks Debian's package for this user, and tells the tests where. The package
# is not installed, as that would start a service.
install_nats() {
    local folder="${XDG_CACHE_HOME:-$HOME/.cache}/parallax/nats" found
    if [ -z "${PARALLAX_NATS_SERVER:-}" ]; then
        found=$(command -v nats-server || true)
        [ -z "$found" ] && [ -x /usr/sbin/nats-server ] && found=/usr/sbin/nats-server
        if [ -z "$found" ]; then
            found="$folder/usr/sbin/nats-server"
            if ! "$found" --version >/dev/null 2>&1; then
                say "Unpacking nats-server in $folder"
                rm -rf "$folder"
                mkdir -p "$folder"
                if ! apt-cache show nats-server >/dev/null 2>&1; then
                    # A fresh machine knows no packages yet.
                    if [ "$(id -u)" -eq 0 ]; then apt-get update -qq; else sudo apt-get update -qq; fi >&2 || true
                fi
                if ! (cd "$folder" && apt-get download -qq nats-server && dpkg -x nats-server_*.deb . && rm nats-server_*.deb) >&2 ||
                    ! "$found" --version >/dev/null 2>&1; then
                    say "nats-server could not be had: tests of workers on other machines are skipped by name"
                    rm -rf "$folder"
                    return
                fi
            fi
        fi
        PARALLAX_NATS_SERVER="$found"
    fi
    export PARALLAX_NATS_SERVER
}

# Builds the program; the first time takes a quarter of an hour or more on two cores.
build() {
    [ -d "$CARGO_TARGET_DIR/release" ] || say "The first build takes 15 to 30 minutes on two cores"
    cargo build --release --locked
}
