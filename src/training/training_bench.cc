// How long training takes beside what libxgboost alone takes for the same trees: one run, simulated card rows.
//
//   vigie_training_bench [rows]        default 228,000
//
// Prints medians of three and the ratio. The forest that is timed is compared with a second fit first.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/parallel.h"
#include "dataset/simulate_card.h"
#include "features/card.h"
#include "features/scaler.h"
#include "schema/card.h"
#include "training/boosted.h"
#include "training/card_training.h"
#include "training/isolation_forest.h"

namespace vigie::training {
namespace {

constexpr int kRepeats = 3;

struct Rows {
  std::vector<double> raw;
  std::vector<std::uint8_t> labels;
};

Rows simulate(std::uint64_t count) {
  Rows rows;
  rows.raw.reserve(count * schema::kCardRaw);
  for (std::uint64_t block = 0; block < dataset::card_blocks(count); ++block) {
    const auto table = dataset::simulate_card_block({}, block, dataset::card_block_rows(count, block));
    std::vector<std::vector<double>> columns;
    for (const schema::Field& field : schema::card_raw_fields()) {
      columns.push_back(*table.find(field.name)->to_numbers());
    }
    const auto labels = *table.find(schema::card_label().name)->to_numbers();
    for (std::size_t i = 0; i < table.rows(); ++i) {
      for (const auto& column : columns) rows.raw.push_back(column[i]);
      rows.labels.push_back(static_cast<std::uint8_t>(labels[i]));
    }
  }
  return rows;
}

// The members' input, once: neither side's time.
std::vector<float> matrix_of(const Rows& rows) {
  constexpr std::size_t kInputs = schema::kCardInputs;
  schema::CardInputs inputs;
  std::vector<float> matrix(rows.labels.size() * kInputs);
  for (std::size_t i = 0; i < rows.labels.size(); ++i) {
    features::card_inputs(std::span(rows.raw).subspan(i * schema::kCardRaw).first<schema::kCardRaw>(), inputs,
                          std::span(matrix).subspan(i * kInputs).first<kInputs>());
  }
  return matrix;
}

template <typename Work>
double seconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::exit(1);
}

int run(std::uint64_t count) {
  const std::size_t threads = thread_count(0);
  const Rows rows = simulate(count);
  const std::vector<float> matrix = matrix_of(rows);
  constexpr auto kInputs = static_cast<std::uint32_t>(schema::kCardInputs);
  std::printf("%zu rows x %zu fields, %zu threads\n", rows.labels.size(), schema::kCardRaw, threads);

  const IsolationOptions forest_options{.seed = 1, .threads = threads};
  const auto once = fit_isolation_forest(matrix, kInputs, {}, forest_options);
  const auto single = fit_isolation_forest(matrix, kInputs, {}, {.seed = 1, .threads = 1});
  if (!once || !single) give_up(once ? single.error() : once.error());
  for (std::size_t t = 0; t < once->forest.trees.size(); ++t) {
    if (once->forest.trees[t].nodes.size() != single->forest.trees[t].nodes.size()) {
      std::fprintf(stderr, "the isolation forest depends on the number of threads\n");
      return 1;
    }
  }
  std::vector<double> forest;
  for (int i = 0; i < 3 * kRepeats; ++i) {
    forest.push_back(seconds([&] {
      if (const auto fitted = fit_isolation_forest(matrix, kInputs, {}, forest_options); !fitted)
        give_up(fitted.error());
    }));
  }
  std::printf("isolation forest, 100 trees of 256 rows  %8.1f ms\n", 1e3 * median(forest));

  // Turn by turn, so that a busy machine slows both. libxgboost alone is given what it likes best: one lane a CPU.
  BoostedOptions boosted = card_boosted_defaults();
  boosted.threads = threads;
  boosted.lanes = static_cast<std::uint32_t>(threads);
  CardTrainingOptions options;
  options.threads = threads;
  std::vector<double> alone;
  std::vector<double> whole;
  std::vector<StepTime> steps;
  for (int i = 0; i < kRepeats; ++i) {
    alone.push_back(seconds([&] {
      const auto trained = train_boosted({matrix, rows.labels, {}, kInputs, {}}, boosted);
      if (!trained) give_up(trained.error());
    }));
    whole.push_back(seconds([&] {
      auto trained = train_card({.raw = rows.raw, .labels = rows.labels}, options);
      if (!trained) give_up(trained.error());
      steps = std::move(trained->steps);
    }));
  }
  std::printf("libxgboost alone, 100 rounds             %8.0f ms\n", 1e3 * median(alone));
  std::printf("whole card training                      %8.0f ms\n", 1e3 * median(whole));
  for (const StepTime& step : steps) std::printf("  %-38s %8.0f ms\n", step.step.c_str(), 1e3 * step.took.count());
  std::printf("ratio                                    %8.2f\n", median(whole) / median(alone));
  return 0;
}

}  // namespace
}  // namespace vigie::training

int main(int argc, char** argv) {
  const std::uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 228'000;
  if (rows < 1000) {
    std::fprintf(stderr, "usage: vigie_training_bench [rows], at least 1000\n");
    return 2;
  }
  return vigie::training::run(rows);
}
