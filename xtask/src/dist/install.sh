#!/bin/sh
# Installs `ocamba` VERSION, the command line of the Ocamba Hood SDK, on Linux and macOS:
#
#   curl -fsSL REPOSITORY/releases/download/vVERSION/install.sh | sh
#
# OCAMBA_INSTALL_DIR   the folder for the program; ~/.local/bin if it is not set
# OCAMBA_DOWNLOAD_URL  the address of the archives, for instance of a mirror; each is checked against the digest below
set -eu

fail() {
    echo "ocamba was not installed: $1" >&2
    exit 1
}

# The archive and its SHA-256 for a system and processor.
archive() {
    case "$1" in
ARCHIVES
    *) fail "there is no program for $1; see REPOSITORY for other ways" ;;
    esac
}

download() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --output "$2" "$1"
    elif command -v wget >/dev/null; then
        wget -q -O "$2" "$1"
    else
        fail "neither curl nor wget was found; install one of them"
    fi || fail "$1 could not be downloaded; check the network, or set OCAMBA_DOWNLOAD_URL"
}

digest() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1"
    elif command -v shasum >/dev/null; then
        shasum -a 256 "$1"
    else
        fail "neither sha256sum nor shasum was found; install one of them"
    fi | cut -d ' ' -f 1
}

install() {
    case "$(uname -s)" in
    Linux) system=linux ;;
    Darwin) system=macos ;;
    *) system=$(uname -s) ;;
    esac
    case "$(uname -m)" in
    x86_64 | amd64) processor=x64 ;;
    aarch64 | arm64) processor=arm64 ;;
    *) processor=$(uname -m) ;;
    esac
    # Programs for Intel run on Apple silicon too, and say so.
    if [ "$system" = macos ] && [ "$(sysctl -n hw.optional.arm64 2>/dev/null || true)" = 1 ]; then
        processor=arm64
    fi
    expected=$(archive "$system-$processor")
    name=${expected%% *}

    folder=${OCAMBA_INSTALL_DIR:-${HOME:?set HOME or OCAMBA_INSTALL_DIR}/.local/bin}
    mkdir -p "$folder" || fail "$folder could not be made; set OCAMBA_INSTALL_DIR"
    # In the folder itself, so that the program appears there whole or not at all.
    work=$(mktemp -d "$folder/.ocamba-XXXXXX") || fail "$folder cannot be written; set OCAMBA_INSTALL_DIR"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM

    url=${OCAMBA_DOWNLOAD_URL:-REPOSITORY/releases/download/vVERSION}
    download "${url%/}/$name" "$work/$name"
    [ "$(digest "$work/$name")" = "${expected#* }" ] || fail "$name is not the published file; its digest differs"
    tar -xzf "$work/$name" -C "$work" || fail "$name could not be unpacked; is the disk full?"
    mv -f "$work/${name%.tar.gz}/ocamba" "$folder/ocamba" || fail "$folder/ocamba could not be replaced"

    echo "installed $folder/ocamba, VERSION"
    case ":$PATH:" in
    *":$folder:"*) echo "next: ocamba --help" ;;
    *) echo "next: add $folder to your PATH, then run: ocamba --help" ;;
    esac
}

# Not before the last line has arrived: half a script does nothing.
install
