#pragma once

#include <string>
#include <vector>

#include "model/predictor.h"

namespace labelloom::model {

/// One thing a model must do, and what it did.
struct ModelCheck {
  std::string what;
  bool fits = false;
  std::string detail;
};

/// A dry run on random pictures: outputs and their shapes against the manifest, another input size,
/// finite values, the same answer for a picture alone and in a batch, decoding, and the time a
/// picture takes. All checks are made, whichever fails; what a failed one leaves undecided is left
/// out. Throws nothing for what the model does wrong.
[[nodiscard]] std::vector<ModelCheck> check_model(Predictor& model);

}  // namespace labelloom::model
