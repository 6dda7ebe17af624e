#!/usr/bin/env bash
# The first minutes of a newcomer, timed: an own home and an own cargo home, nothing compiled, nothing fetched.
#
#   docs/code/clean-home.sh target/debug/cargo-cloudwright
#
# It makes a project on this checkout and says how long each step took, fetching apart from the rest. The folder that it works in
# is gone afterwards. It needs the registry of crates, and no other network.
set -euo pipefail

program=$(realpath "$1")
checkout=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$folder/home CARGO_HOME=$folder/cargo INSTA_UPDATE=always
unset CARGO_TARGET_DIR
mkdir -p "$HOME"
cd "$folder"

step() {
  local what=$1 began=$SECONDS
  shift
  "$@" > "$folder/said" 2>&1 || { cat "$folder/said"; echo "failed: $what"; exit 1; }
  printf '%5d s  %s\n' $((SECONDS - began)) "$what"
}

step "cargo cloudwright new uploads" "$program" new uploads --path "$checkout"
cd uploads
step "cargo fetch" cargo fetch
step "cargo run -- synth (everything is compiled)" cargo run -- synth
step "cargo test (snapshots are written)" cargo test
step "cargo run --features graph -- graph" cargo run --features graph -- graph
touch src/main.rs
step "cargo run -- synth, after an edit" cargo run -- synth
step "cargo test, after an edit" cargo test
nproc | sed 's/$/ processors/'
uptime | sed 's/.*load/load/'
