#!/usr/bin/env bash
# The main job on the sample set: from Label Studio's export to one COCO file, checked and looked at,
# and to 20 variants of every picture.
# usage: samples/demo.sh BIN_DIR OUT_DIR
set -euo pipefail

if [ $# -ne 2 ]; then
  echo "usage: $0 BIN_DIR OUT_DIR" >&2
  exit 2
fi
labelloom=$(cd "$1" && pwd)/labelloom
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
set_dir=samples/engine_parts
rm -f "$out"/coco.json "$out"/report.json "$out"/split/train.json "$out"/split/val.json
rm -rf "$out/augmented"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Shows a command as one would type it, then runs it.
run() {
  printf '\033[2m$ labelloom'
  printf ' %q' "$@"
  printf '\033[0m\n'
  "$labelloom" "$@"
}

say "1. Convert: 12 photographs of engine parts, marked in Label Studio, become one COCO file.
   Its JSON-min export does not say which key point belongs to which part; LabelLoom finds out."
run convert "$set_dir/export.min.json" --images "$set_dir/images" \
  --config "$set_dir/label_config.xml" -o "$out/coco.json" --report "$out/report.json"

say "2. Validate: would pycocotools, torchvision and Detectron2 read it as it is meant?"
run validate "$out/coco.json" --images "$set_dir/images"

say "3. Statistics: what the set holds."
run stats "$out/coco.json"

say "4. Split: every class on both sides, all variants of one source on the same."
run split "$out/coco.json" -o "$out/split"

say "5. View: every instance drawn over its photograph, doubtful key points first."
run view "$out/coco.json" --images "$set_dir/images" --report "$out/report.json" -o "$out/gallery"

say "6. Augment: a look at what is coming first, then 20 variants of each photograph. Stop it at any
   moment and run it again: it goes on where it was."
augment=(augment "$out/coco.json" --images "$set_dir/images" --pipeline samples/pipelines/light.json
  --variants 20 -o "$out/augmented")
run "${augment[@]}" --preview 12
run "${augment[@]}"
run validate "$out/augmented/coco.json" --images "$out/augmented/images"

say "Done. Open these in a browser:"
echo "  $out/gallery/index.html"
echo "  $out/augmented/preview/gallery/index.html"
say "The same for a set of yours:"
echo "  labelloom convert YOUR_EXPORT.json --images YOUR_IMAGES --config YOUR_LABEL_CONFIG.xml -o coco.json --report report.json"
