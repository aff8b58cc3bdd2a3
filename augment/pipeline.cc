#include "augment/pipeline.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "augment/apply.h"

namespace labelloom::augment {
namespace {

void check_size(const std::string& transform, Size size) {
  const auto pixels = static_cast<std::int64_t>(size.width) * size.height;
  if (size.width >= 1 && size.height >= 1 && size.width <= Pipeline::kMaxSide &&
      size.height <= Pipeline::kMaxSide && pixels <= Pipeline::kMaxPixels) {
    return;
  }
  throw Error(
      Errc::kLimit,
      {},
      fmt::format("{} would make a picture of {} x {}; sides must be in [1, {}] and no more "
                  "than {} pixels together",
                  transform,
                  size.width,
                  size.height,
                  Pipeline::kMaxSide,
                  Pipeline::kMaxPixels));
}

std::uint32_t number_nodes(Node& node, std::uint32_t next) {
  node.index = next++;
  for (Node& child : node.children) next = number_nodes(child, next);
  return next;
}

/// Draws one plan.
class Sampler {
 public:
  Sampler(const Subject& subject, const RandomKey& key) : subject_(subject), key_(key) {
    plan_.in = subject.size;
    plan_.out = subject.size;
  }

  Plan run(const Node& root) {
    visit(root, false);
    return std::move(plan_);
  }

 private:
  /// `forced`: the node was chosen already, its p has had its say.
  void visit(const Node& node, bool forced) {
    // Every visit has numbers of its own: what is drawn here does not depend on what was drawn
    // elsewhere. Visits are counted because a node may be chosen more than once.
    RandomKey key = key_;
    key.step = node.index | (visits_of(node) << 16U);
    Random random(key);
    if (!random.chance(node.p) && !forced) return;
    switch (node.kind) {
      case Node::Kind::kTransform:
        draw(node, random);
        break;
      case Node::Kind::kSequence:
        for (const Node& child : node.children) visit(child, false);
        break;
      case Node::Kind::kOneOf:
        if (const auto chosen = choose_weighted(node, random, {})) {
          visit(node.children[*chosen], true);
        }
        break;
      case Node::Kind::kSomeOf:
      case Node::Kind::kRandomOrder:
        visit_some(node, random);
        break;
    }
  }

  std::uint32_t visits_of(const Node& node) {
    if (visits_.size() <= node.index) visits_.resize(node.index + 1);
    return visits_[node.index]++;
  }

  /// A child that is not in `taken`, its p as weight.
  static std::optional<std::size_t> choose_weighted(const Node& node,
                                                    Random& random,
                                                    const std::vector<std::size_t>& taken) {
    const auto weight = [&](std::size_t child) {
      return std::ranges::find(taken, child) == taken.end() ? node.children[child].p : 0;
    };
    double sum = 0;
    for (std::size_t i = 0; i < node.children.size(); ++i) sum += weight(i);
    if (!(sum > 0)) return std::nullopt;
    double at = random.uniform(0, sum);
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (weight(i) == 0) continue;
      last = i;
      at -= weight(i);
      if (at < 0) break;
    }
    return last;
  }

  void visit_some(const Node& node, Random& random) {
    std::vector<std::size_t> chosen;
    auto count = static_cast<std::size_t>(random.integer(node.count.low, node.count.high));
    if (node.children.empty()) return;
    if (!node.replace) count = std::min(count, node.children.size());
    while (chosen.size() < count) {
      const std::vector<std::size_t> none;
      const std::vector<std::size_t>& taken = node.replace ? none : chosen;
      if (node.weighted) {
        const auto child = choose_weighted(node, random, taken);
        if (!child) break;
        chosen.push_back(*child);
        continue;
      }
      const auto last = static_cast<std::int64_t>(node.children.size()) - 1;
      const auto child = static_cast<std::size_t>(random.integer(0, last));
      if (std::ranges::find(taken, child) == taken.end()) chosen.push_back(child);
    }
    // Drawn in random order: that is what RandomOrder wants.
    if (node.kind == Node::Kind::kSomeOf) std::ranges::sort(chosen);
    for (const std::size_t child : chosen) visit(node.children[child], node.weighted);
  }

  void draw(const Node& node, Random& random) {
    Scene scene;
    scene.size = plan_.out;
    scene.donors = subject_.donors;
    scene.self = subject_.self;
    scene.boxes = [this] {
      Labels labels = lay_out(subject_.instances, subject_.size, subject_.outline);
      apply(plan_, labels, subject_.donors, subject_.outline);
      return boxes(labels);
    };
    Draw drawn;
    node.transform->draw(scene, random, drawn);
    if (drawn.effects().empty()) return;
    for (const Effect& effect : drawn.effects()) {
      plan_.out = size_after(effect, plan_.out);
      check_size(node.name, plan_.out);
    }
    plan_.steps.push_back({node.name, drawn.notes(), std::move(drawn.effects())});
  }

  const Subject& subject_;
  RandomKey key_;
  Plan plan_;
  std::vector<std::uint32_t> visits_;
};

}  // namespace

Pipeline::Pipeline(Node root) : root_(std::move(root)) { number_nodes(root_, 0); }

Plan Pipeline::sample(const Subject& subject, RandomKey key) const {
  try {
    return Sampler(subject, key).run(root_);
  } catch (const Error& error) {
    throw PlanError(error.code(), error.where(), error.message());
  }
}

}  // namespace labelloom::augment
