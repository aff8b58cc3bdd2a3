#!/usr/bin/env bash
# Benchmarks: kernels, then whole jobs beside their yardsticks. usage: run.sh BUILD_DIR [END_TO_END_OPTIONS]
# ALBUMENTATIONS_PYTHON: the python3 of an environment with Albumentations, to be measured beside augmentation.
set -euo pipefail
build=${1:?usage: run.sh BUILD_DIR}
shift
"$build/bin/kernels_bench" --benchmark_counters_tabular=true
python3 "$(dirname "$0")/end_to_end.py" "$build/bin" "$build/bench" "$@"
python3 "$(dirname "$0")/augment_bench.py" "$build/bin" "$build/bench" \
  ${ALBUMENTATIONS_PYTHON:+--albumentations "$ALBUMENTATIONS_PYTHON"}
