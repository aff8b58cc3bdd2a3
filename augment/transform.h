#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "augment/effect.h"
#include "augment/options.h"
#include "augment/random.h"

namespace labelloom::augment {

class Donors;

/// What a transform may know when it draws: never pixels.
struct Scene {
  Size size;
  /// Boxes of the objects as they are at this step, in pixels of this step's frame.
  std::function<std::vector<Box>()> boxes;
  /// The other images of the set; null when there are none.
  const Donors* donors = nullptr;
};

/// What a transform drew: effects in order, and the numbers that say what was drawn.
class Draw {
 public:
  /// A number, a truth or a text that a user who reads the output wants to know.
  void note(std::string_view name, double value);
  void note(std::string_view name, std::string_view value);
  void add(Effect effect) { effects_.push_back(std::move(effect)); }

  [[nodiscard]] const std::string& notes() const { return notes_; }
  [[nodiscard]] std::vector<Effect>& effects() { return effects_; }

 private:
  std::string notes_;  // JSON members
  std::vector<Effect> effects_;
};

/// One kind of change, with its parameters' distributions. Immutable: threads share it.
class Transform {
 public:
  Transform() = default;
  virtual ~Transform() = default;
  Transform(const Transform&) = delete;
  Transform& operator=(const Transform&) = delete;

  /// Draws parameters and says what they do. The only place where randomness is used. Nothing added
  /// to `draw` means that nothing happens.
  virtual void draw(const Scene& scene, Random& random, Draw& draw) const = 0;
};

/// What a file was written for. Parameters whose meaning or default changed differ by it.
enum class Dialect : std::uint8_t {
  kLabelLoom,  ///< our own: names and defaults of Albumentations 2
  kAlbumentations1,
  kAlbumentations2,  ///< and its successor AlbumentationsX
};

enum class TransformKind : std::uint8_t {
  kExactMove,  ///< pixels are moved, never mixed
  kProjective,
  kCurved,
  kColour,  ///< what a pixel becomes depends on it alone
  kFilter,
  kErase,
  kMultiImage,
};

[[nodiscard]] const char* name(TransformKind kind);

/// A transform in the table: everything known without an object of it.
struct TransformEntry {
  std::string name;  ///< Albumentations' name
  std::string summary;
  TransformKind kind = TransformKind::kExactMove;
  double default_p = 0.5;
  std::vector<FieldDoc> fields;
  /// Builds one. Names of parameters that exist are appended to `known`.
  std::function<std::unique_ptr<const Transform>(
      const Settings&, const std::string& place, std::vector<std::string>& known)>
      make;
  /// All parameters as `make` understands these, defaults too.
  std::function<Setting::Members(const Settings&, const std::string& place)> spell_out;
  /// Rewrites parameters of other dialects to ours; null when aliases are enough.
  void (*adapt)(Settings& settings, Dialect dialect) = nullptr;
};

/// An entry for a class with a struct Options and a constructor that takes it.
template <typename T>
[[nodiscard]] TransformEntry transform_entry(const char* name,
                                             const char* summary,
                                             TransformKind kind,
                                             double default_p = 0.5,
                                             void (*adapt)(Settings&, Dialect) = nullptr) {
  using Options = typename T::Options;
  return {name,
          summary,
          kind,
          default_p,
          document_fields<Options>(),
          [](const Settings& settings,
             const std::string& place,
             std::vector<std::string>& known) -> std::unique_ptr<const Transform> {
            return std::make_unique<const T>(read_fields<Options>(settings, place, known));
          },
          spell_fields<Options>,
          adapt};
}

/// Options of transforms that have none.
struct NoOptions {
  template <typename Self, typename Visit>
  static void fields(Self& /*self*/, Visit&& /*visit*/) {}
};

}  // namespace labelloom::augment
