#!/usr/bin/env bash
# The first hour of a newcomer, timed: an own home and an own cargo home, nothing compiled, nothing fetched.
#
#   docs/code/clean-home.sh target/debug/cargo-cloudwright            both parts
#   docs/code/clean-home.sh target/debug/cargo-cloudwright templates  a project of templates alone
#   docs/code/clean-home.sh target/debug/cargo-cloudwright system     a system that is run here, with its verbs and handlers
#
# It makes projects on this checkout and says how long each step took, fetching apart from the rest, and for how long it said
# nothing at most. The folder that it works in is gone afterwards. It needs the registries of crates and of Python, and no
# other network.
set -euo pipefail

program=$(realpath "$1")
part=${2:-all}
checkout=$(realpath "$(dirname "$0")/../..")
folder=$(mktemp -d)
export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$folder/home CARGO_HOME=$folder/cargo INSTA_UPDATE=always
unset CARGO_TARGET_DIR CLOUDWRIGHT_HOME
export PATH=$(dirname "$program"):$PATH
mkdir -p "$HOME"

# What was started goes, too.
end() {
  if [ -d "$folder/files" ]; then (cd "$folder/files" && cargo run --quiet --features deploy -- local down > /dev/null 2>&1) || true; fi
  rm -rf "$folder"
}
trap end EXIT

# Runs a command, with what it says in the file `said`, and prints the seconds and the longest silence.
step() {
  local what=$1 began=$SECONDS silent=0 longest=0 size=0 now
  shift
  "$@" > "$folder/said" 2>&1 &
  local process=$!
  while kill -0 $process 2> /dev/null; do
    sleep 1
    now=$(stat -c %s "$folder/said")
    if [ "$now" = "$size" ]; then silent=$((silent + 1)); else silent=0 size=$now; fi
    if [ $silent -gt $longest ]; then longest=$silent; fi
  done
  wait $process || { cat "$folder/said"; echo "failed: $what"; exit 1; }
  printf '%5d s  %s (longest silence %d s)\n' $((SECONDS - began)) "$what" $longest
}

templates() {
  cd "$folder"
  step "cargo cloudwright new uploads" "$program" new uploads --path "$checkout"
  cd uploads
  step "cargo fetch" cargo fetch
  step "cargo run -- synth (everything is compiled)" cargo run -- synth
  step "cargo test (snapshots are written)" cargo test
  step "cargo run --features graph -- graph" cargo run --features graph -- graph
  step "cargo run --features review -- review" cargo run --features review -- review
  test -s review.html
  touch src/main.rs
  step "cargo run -- synth, after an edit" cargo run -- synth
  step "cargo test, after an edit" cargo test
  touch src/main.rs
  step "cargo run --features review -- review, after an edit" cargo run --features review -- review --baseline cloudwright.out
}

# A request of S3 or DynamoDB to the local AWS, signed as every program with an SDK signs it.
request() {
  local service=$1
  shift
  curl --silent --show-error --fail-with-body --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    --aws-sigv4 "aws:amz:$AWS_REGION:$service" "$@"
}

upload() {
  echo "hello" > hello.txt
  request s3 --upload-file hello.txt "$AWS_ENDPOINT_URL/$(output Bucket)/hello.txt"
  local question="{\"TableName\": \"$(output Table)\"}" rows
  for _ in $(seq 120); do
    rows=$(request dynamodb --header "X-Amz-Target: DynamoDB_20120810.Scan" --header "Content-Type: application/x-amz-json-1.0" \
      --data "$question" "$AWS_ENDPOINT_URL/")
    echo "$rows"
    case $rows in *hello.txt*) return 0 ;; esac
    sleep 1
  done
  return 1
}

# The value of an output of the stack.
output() {
  cargo run --quiet --features deploy -- local outputs | awk -v name="$1" '$2 == name { print $3 }'
}

system() {
  cd "$folder"
  step "cargo cloudwright new files --from object-catalog" "$program" new files --from object-catalog --path "$checkout"
  cd files
  step "cargo fetch" cargo fetch
  step "cargo run -- synth (everything is compiled)" cargo run -- synth
  step "local deploy (its verbs, the SDK and the handlers are compiled)" cargo run --features deploy -- local deploy --yes
  eval "$(cargo run --quiet --features deploy -- local env)"
  step "a file is uploaded, and its row is in the table" upload
  touch src/main.rs
  step "local deploy, after an edit of the program" cargo run --features deploy -- local deploy --yes
  echo "// edited" >> catalog/src/lib.rs
  step "local deploy, after an edit of the handler" cargo run --features deploy -- local deploy --yes
  step "local down" cargo run --features deploy -- local down
}

if [ "$part" != system ]; then templates; fi
if [ "$part" != templates ]; then system; fi
nproc | sed 's/$/ processors/'
uptime | sed 's/.*load/load/'
