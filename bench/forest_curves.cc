#include "bench/forest_curves.h"

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "bench/timing.h"
#include "scoring/random_forest.h"
#include "scoring/scorer.h"

namespace vigie::bench {
namespace {

constexpr std::size_t kRows = 4096;
constexpr std::size_t kSingleRows = 512;
constexpr int kRepeats = 9;

bool run_point(std::string_view curve, std::size_t at, const scoring::RandomForestShape& shape, JsonWriter& json) {
  Random random(11);
  const model::BoostedForest model{
      .forest = scoring::random_forest(shape, random), .base_margin = 0, .feature_names = {}};
  std::vector<float> rows(kRows * shape.features);
  for (float& value : rows) value = static_cast<float>(random.normal());
  json.begin_object().member("curve", curve).member("at", at);
  std::printf("%-9.*s %5zu", static_cast<int>(curve.size()), curve.data(), at);
  for (const scoring::Engine engine : {scoring::best_engine(), scoring::Engine::kPortable}) {
    const auto scorer = scoring::make_boosted_scorer(model, engine);
    if (!scorer) {
      std::fprintf(stderr, "%s\n", scorer.error().to_string().c_str());
      return false;
    }
    std::vector<double> scores(kRows);
    std::vector<double> batch;
    std::vector<double> single;
    for (int i = 0; i < kRepeats; ++i) {
      batch.push_back(nanoseconds_each(kRows, [&] { (*scorer)->score(rows, scores); }));
      single.push_back(nanoseconds_each(kSingleRows, [&] {
        for (std::size_t r = 0; r < kSingleRows; ++r) {
          (*scorer)->score(std::span<const float>(rows).subspan(r * shape.features, shape.features),
                           std::span(scores).subspan(r, 1));
        }
      }));
    }
    for (std::size_t r = 0; r < kRows; r += 37) {
      const auto row = std::span<const float>(rows).subspan(r * shape.features, shape.features);
      if (scores[r] == scoring::reference_score(model, row)) continue;
      std::fprintf(stderr, "the %s engine differs from the reference\n", std::string(to_string(engine)).c_str());
      return false;
    }
    const bool best = engine == scoring::best_engine();
    std::printf("  %9.1f %9.1f", median(single), median(batch));
    json.member(best ? "one_row_ns" : "portable_one_row_ns", median(single));
    json.member(best ? "batch_ns" : "portable_batch_ns", median(batch));
  }
  std::printf("\n");
  json.end_object();
  return true;
}

}  // namespace

bool run_forest_curves(JsonWriter& json) {
  std::printf("\nBoosted trees, ns/row: one row and batch of %zu, best engine (%s); the same, portable engine\n", kRows,
              std::string(to_string(scoring::best_engine())).c_str());
  const scoring::RandomForestShape usual{.features = 35, .trees = 100, .depth = 5, .stop = 0.05, .fine = true};
  json.key("curves").begin_array();
  for (const std::size_t trees : {10, 30, 100, 300, 1000}) {
    auto shape = usual;
    shape.trees = trees;
    if (!run_point("trees", trees, shape, json)) return false;
  }
  for (const std::uint32_t depth : {3u, 4u, 5u, 6u, 8u, 10u, 12u}) {
    auto shape = usual;
    shape.depth = depth;
    if (!run_point("depth", depth, shape, json)) return false;
  }
  for (const std::uint32_t features : {10u, 35u, 100u, 250u, 500u}) {
    auto shape = usual;
    shape.features = features;
    if (!run_point("features", features, shape, json)) return false;
  }
  json.end_array();
  return true;
}

}  // namespace vigie::bench
