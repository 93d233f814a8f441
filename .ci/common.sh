# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What examples/run and tests/run share: saying what is done, and the Debian packages they need.

# shellcheck disable=SC2034
jobs=$(nproc)

say() { printf '\n==> %s\n' "$*"; }

die() {
  printf "%s: %s\n" "$0" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root or sudo for: $*"
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -y -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# need_packages NAME...: installs those that are missing; quick and silent where none is.
need_packages() {
  local missing=() name
  command -v dpkg-query >/dev/null || {
    say "this is no Debian: taking for granted what these packages hold: $*"
    return 0
  }
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] ||
      missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
    apt update
  fi
  # lists that are there can be too old to fetch by
  apt install --no-install-recommends "${missing[@]}" >/dev/null || {
    apt update
    apt install --no-install-recommends "${missing[@]}" >/dev/null
  }
}

# shellcheck disable=SC2034
build_packages=(gcc libc6-dev cmake ninja-build pkg-config libjansson-dev libyaml-dev libinih-dev
  libssl-dev libcurl4-openssl-dev libexpat1-dev)
# shellcheck disable=SC2034
test_packages=(libcmocka-dev clang-14 clang-format-14 clang-tidy-14 python3 python3-venv etcd-server)
