#!/usr/bin/env bash
# Runs the built fuzz targets, two at a time, and prints one line for each. A failing input is left in
# BUILD_DIR/findings; fix what it shows and keep it in tests/fuzz/seeds/<name>.
# usage: run.sh BUILD_DIR SECONDS [TARGET]
set -euo pipefail

build=${1:?usage: run.sh BUILD_DIR SECONDS [TARGET]}
seconds=${2:?usage: run.sh BUILD_DIR SECONDS [TARGET]}
only=${3:-}
only=${only#fuzz_}
seeds=$(cd "$(dirname "$0")" && pwd)/seeds
mkdir -p "$build/corpus" "$build/findings" "$build/logs"

statistic() { sed -n "s/^stat::$2: *//p" "$1" | tail -n 1; }

fuzz() {  # fuzz PROGRAM: 0 when nothing was found
  local program=$1 name log findings corpus status=0
  name=$(basename "$program")
  name=${name#fuzz_}
  log=$build/logs/$name.log
  findings=$build/findings/$name-
  corpus=$build/corpus/$name
  mkdir -p "$corpus"
  local folders=("$corpus")
  [ -d "$seeds/$name" ] && folders+=("$seeds/$name")
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$findings" "${folders[@]}" >"$log" 2>&1 || status=$?
  local coverage
  coverage=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 || true)
  if [ "$status" -eq 0 ]; then
    printf '%-24s ok      %s runs, %s, %s files, %s MB\n' "$name" \
      "$(statistic "$log" number_of_executed_units)" "${coverage:-cov: ?}" \
      "$(find "$corpus" -type f | wc -l)" "$(statistic "$log" peak_rss_mb)"
    return 0
  fi
  local artifact
  artifact=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '%-24s FAILED  %s (log: %s)\n' "$name" "${artifact:-no input was written}" "$log"
  return 1
}

programs=()
for program in "$build"/fuzz/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  [ -z "$only" ] || [ "$(basename "$program")" = "fuzz_$only" ] || continue
  programs+=("$program")
done
if [ ${#programs[@]} -eq 0 ]; then
  echo "no fuzz target ${only:+$only }in $build/fuzz" >&2
  exit 1
fi

failed=0
running=0
for program in "${programs[@]}"; do
  if [ "$running" -ge 2 ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz "$program" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
