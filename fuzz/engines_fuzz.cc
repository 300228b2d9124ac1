// Any bytes as a forest and rows: every engine that this CPU has gives the reference's bits, rows together and alone.
#include <fuzzer/FuzzedDataProvider.h>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "scoring/scorer.h"

namespace {

using vigie::model::Node;
using vigie::model::Tree;

float any_float(FuzzedDataProvider& bytes) { return std::bit_cast<float>(bytes.ConsumeIntegral<std::uint32_t>()); }

// A few values again and again, so that rows meet thresholds exactly.
float finite_float(FuzzedDataProvider& bytes) {
  static constexpr float kUsual[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, 1e-45f, 3.4028235e38f, -3.4028235e38f};
  if (bytes.ConsumeBool()) return bytes.PickValueInArray(kUsual);
  const float value = any_float(bytes);
  return std::isfinite(value) ? value : 2.0f;
}

void grow(FuzzedDataProvider& bytes, Tree& tree, std::size_t at, unsigned depth, std::uint32_t features) {
  tree.nodes[at].cover = static_cast<float>(bytes.ConsumeIntegral<std::uint8_t>());
  if (depth == 0 || tree.nodes.size() > 300 || bytes.remaining_bytes() == 0 ||
      bytes.ConsumeProbability<float>() < 0.2f) {
    tree.nodes[at].value = finite_float(bytes) / 1e6f;
    return;
  }
  const auto left = static_cast<std::int32_t>(tree.nodes.size());
  tree.nodes.resize(tree.nodes.size() + 2);
  Node& node = tree.nodes[at];
  node.left = left;
  node.right = left + 1;
  node.feature = bytes.ConsumeIntegralInRange<std::int32_t>(0, static_cast<std::int32_t>(features) - 1);
  node.threshold = finite_float(bytes);
  node.missing_left = bytes.ConsumeBool();
  grow(bytes, tree, static_cast<std::size_t>(left), depth - 1, features);
  grow(bytes, tree, static_cast<std::size_t>(left) + 1, depth - 1, features);
}

bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

template <typename Model, typename Make>
void compare(const Model& model, const std::vector<float>& rows, std::size_t count, Make make) {
  const std::size_t features = model.forest.feature_count;
  for (const vigie::scoring::Engine engine : vigie::scoring::supported_engines()) {
    const auto scorer = make(model, engine);
    if (!scorer) std::abort();
    std::vector<double> together(count);
    (*scorer)->score(rows, together);
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = std::span<const float>(rows).subspan(i * features, features);
      const double expected = vigie::scoring::reference_score(model, row);
      double alone = 0;
      (*scorer)->score(row, std::span(&alone, 1));
      if (!same(together[i], expected) || !same(alone, expected)) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider bytes(data, size);
  vigie::model::Forest forest;
  forest.feature_count = bytes.ConsumeIntegralInRange<std::uint32_t>(1, 40);
  forest.comparison = bytes.ConsumeBool() ? vigie::model::Comparison::kLess : vigie::model::Comparison::kLessEqual;
  const auto depth = bytes.ConsumeIntegralInRange<unsigned>(0, 10);
  const auto count = bytes.ConsumeIntegralInRange<std::size_t>(1, 80);
  for (auto trees = bytes.ConsumeIntegralInRange<unsigned>(1, 20); trees > 0; --trees) {
    Tree& tree = forest.trees.emplace_back();
    tree.nodes.resize(1);
    grow(bytes, tree, 0, depth, forest.feature_count);
  }
  if (!vigie::model::validate(forest)) return 0;
  std::vector<float> rows(count * forest.feature_count);
  const bool missing = bytes.ConsumeBool();
  for (float& value : rows) {
    value = bytes.ConsumeBool() ? any_float(bytes) : finite_float(bytes);
    if (!missing && std::isnan(value)) value = 0;
  }
  const vigie::model::BoostedForest boosted{
      .forest = forest, .base_margin = finite_float(bytes) / 1e30f, .feature_names = {}};
  compare(boosted, rows, count, vigie::scoring::make_boosted_scorer);
  vigie::model::IsolationForest isolation;
  isolation.forest = forest;
  compare(isolation, rows, count, vigie::scoring::make_isolation_scorer);
  return 0;
}
