#pragma once

#include <string>
#include <vector>

#include "augment/encode.h"
#include "augment/pipeline.h"
#include "augment/restore.h"
#include "augment/sources.h"

namespace labelloom::augment {

/// How labels are carried over and pictures are written.
struct VariantOptions {
  EncodeOptions encode;
  RestoreOptions restore;
  BoxOutline outline = BoxOutline::kCorners;
};

/// A picture made from another one.
struct Variant {
  std::string file;  ///< bytes of an image file
  Size size;
  std::vector<Instance> instances;  ///< with the ids of their sources
  std::string drawn;                ///< JSON list: [{"transform":name,parameters...},...]
};

/// Draws, renders and encodes one variant. The same key gives the same bytes.
/// @throws Error(kLimit, kIo) for pictures that cannot be made; DonorError.
[[nodiscard]] Variant make_variant(const Pipeline& pipeline,
                                   const SourceImage& source,
                                   const RandomKey& key,
                                   const Donors* donors,
                                   const FlipPairs& pairs,
                                   const VariantOptions& options);

/// What the steps of a plan drew, as a JSON list.
[[nodiscard]] std::string drawn_list(const Plan& plan);

}  // namespace labelloom::augment
