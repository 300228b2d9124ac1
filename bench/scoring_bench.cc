// What a decision costs on one thread, beside libxgboost on the same rows in the same run.
//
//   vigie_scoring_bench [--rows N] [--out build/bench/scoring.json] [--dump FOLDER]
//
// Trains the card model on simulated rows (100 boosted trees of depth 5, 100 isolation trees of 256 rows), checks that
// engine, reference and libxgboost give the same scores, then times them turn by turn and prints medians.
// --dump writes the model and rows for bench/peers.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/parallel.h"
#include "bench/forest_curves.h"
#include "bench/hardware_counter.h"
#include "bench/libxgboost_predictor.h"
#include "bench/timing.h"
#include "dataset/simulate_card.h"
#include "decision/card_explainer.h"
#include "decision/card_service.h"
#include "features/card.h"
#include "schema/card.h"
#include "scoring/scorer.h"
#include "training/card_training.h"

namespace vigie::bench {
namespace {

using schema::kCardInputs;
using schema::kCardRaw;

constexpr std::size_t kTrainingRows = 60'000;
constexpr std::size_t kSingleRows = 2048;
constexpr int kRepeats = 15;
constexpr int kWarmings = 4;
constexpr std::size_t kBatches[] = {16, 256, 4096, 100'000};

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "vigie_scoring_bench: %s\n", message.c_str());
  std::exit(1);
}

template <typename T>
T require(Result<T> result) {
  if (!result) give_up(result.error().to_string());
  return std::move(*result);
}

struct Rows {
  std::vector<double> raw;
  std::vector<std::uint8_t> labels;
  std::size_t count() const { return labels.size(); }
};

Rows simulate(std::uint64_t seed, std::size_t count) {
  Rows rows;
  const dataset::CardSimulation options{.seed = seed};
  for (std::uint64_t block = 0; block < dataset::card_blocks(count); ++block) {
    const auto table = dataset::simulate_card_block(options, block, dataset::card_block_rows(count, block));
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

// What is timed: rows [first, first + count) of the sample.
struct Contender {
  std::string what;    // "ensemble", "boosted" or "isolation"
  std::string engine;  // "ours", "avx2", "portable", "reference", "xgboost", "additions": what summing alone takes
  std::function<void(std::size_t first, std::size_t count)> run;
  std::vector<double> single{};
  std::vector<std::vector<double>> batches{std::size(kBatches)};
};

std::vector<float> one_leaf_a_tree(const model::Forest& forest) {
  std::vector<float> leaves;
  for (const model::Tree& tree : forest.trees)
    leaves.push_back(std::ranges::find_if(tree.nodes, &model::Node::is_leaf)->value);
  return leaves;
}

// As many floats as a forest has trees, one addition after the other and behind those of the row before: what no engine
// that adds in libxgboost's order can be faster than with one row.
float ordered_sum(std::span<const float> leaves, float total) {
  for (const float leaf : leaves) total += leaf;
  return total;
}

void time_all(std::vector<Contender>& contenders, std::size_t rows) {
  for (int i = 0; i < kRepeats; ++i) {
    for (Contender& contender : contenders) {
      const std::size_t from = static_cast<std::size_t>(i) * kSingleRows % (rows - kSingleRows);
      const auto one_by_one = [&] {
        for (std::size_t r = 0; r < kSingleRows; ++r) contender.run(from + r, 1);
      };
      // The contender before leaves cold caches and, after wide vectors, a lowered clock for a millisecond or two.
      for (int warm = 0; warm < kWarmings; ++warm) one_by_one();
      contender.single.push_back(nanoseconds_each(kSingleRows, one_by_one));
      for (std::size_t b = 0; b < std::size(kBatches); ++b) {
        const std::size_t batch = kBatches[b];
        const std::size_t times = batch == 100'000 ? 1 : 32'768 / batch / 4;
        if (batch == 100'000 && contender.engine == "reference") continue;
        contender.batches[b].push_back(nanoseconds_each(batch * times, [&] {
          for (std::size_t t = 0; t < times; ++t) contender.run(t * batch, batch);
        }));
      }
    }
  }
}

void report(const std::vector<Contender>& contenders, JsonWriter& json) {
  std::printf("\nns/row, medians of %d, one thread\n%-10s %-10s %9s", kRepeats, "", "", "one row");
  for (const std::size_t batch : kBatches) std::printf(" %9zu", batch);
  std::printf("   rows/s\n");
  std::string open;
  for (const Contender& contender : contenders) {
    const double single = median(contender.single);
    std::printf("%-10s %-10s %9.0f", contender.what.c_str(), contender.engine.c_str(), single);
    double best = single;
    for (const auto& batch : contender.batches) {
      if (batch.empty()) {
        std::printf(" %9s", "-");
        continue;
      }
      best = std::min(best, median(batch));
      std::printf(" %9.0f", median(batch));
    }
    const auto& largest = contender.batches.back();
    const double rows_per_second = 1e9 / (largest.empty() ? best : median(largest));
    std::printf("   %.2f M\n", rows_per_second / 1e6);
    const bool whole = contender.what == "ensemble";
    if (contender.what != open) {
      if (!open.empty()) json.end_object();
      json.key(contender.what).begin_object();
      open = contender.what;
    }
    if (!whole || contender.engine != "ours") json.key(contender.engine).begin_object();
    json.member("one_row_ns", single).member("rows_per_s", rows_per_second);
    for (std::size_t b = 0; b < std::size(kBatches); ++b) {
      if (contender.batches[b].empty()) continue;
      json.member("batch_" + std::to_string(kBatches[b]) + "_ns", median(contender.batches[b]));
    }
    if (!whole || contender.engine != "ours") json.end_object();
  }
  json.end_object();
}

const Contender& find(const std::vector<Contender>& contenders, std::string_view what, std::string_view engine) {
  for (const Contender& contender : contenders) {
    if (contender.what == what && contender.engine == engine) return contender;
  }
  give_up("no such contender");
}

void report_ratios(const std::vector<Contender>& contenders) {
  const Contender& ours = find(contenders, "boosted", "ours");
  const Contender& theirs = find(contenders, "boosted", "xgboost");
  std::printf("\nlibxgboost's time over ours, boosted member: one row %.1fx",
              median(theirs.single) / median(ours.single));
  for (std::size_t b = 0; b < std::size(kBatches); ++b) {
    std::printf(", %zu rows %.1fx", kBatches[b], median(theirs.batches[b]) / median(ours.batches[b]));
  }
  std::printf("\n");
}

void report_instructions(std::vector<Contender>& contenders) {
  const InstructionCounter counter;
  if (!counter.read()) {
    std::printf("instructions a row: not counted, this machine hides its counters\n");
    return;
  }
  for (Contender& contender : contenders) {
    if (contender.engine != "ours") continue;
    const auto before = *counter.read();
    for (std::size_t r = 0; r < kSingleRows; ++r) contender.run(r, 1);
    const auto between = *counter.read();
    contender.run(0, 4096);
    const auto after = *counter.read();
    std::printf("instructions a row, %s: %.0f one row, %.0f in a batch\n", contender.what.c_str(),
                static_cast<double>(between - before) / kSingleRows, static_cast<double>(after - between) / 4096);
  }
}

void dump(const std::filesystem::path& folder, const model::CardModel& model, std::span<const float> inputs) {
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, std::string_view bytes) {
    if (const auto written = write_file(folder / name, bytes); !written) give_up(written.error().to_string());
  };
  write("xgboost.json", model.boosted_source);
  write("inputs.f32", {reinterpret_cast<const char*>(inputs.data()), inputs.size_bytes()});
}

// Exact Shapley values beside libxgboost's, and a whole explained decision.
void report_explanations(const std::shared_ptr<const decision::CardService>& service, std::span<const double> raw,
                         std::span<const float> inputs, LibxgboostPredictor& libxgboost, JsonWriter& json) {
  constexpr std::size_t kRows = 500;
  const auto explainer = require(decision::CardExplainer::make(service));
  const auto boosted = require(scoring::Explainer::boosted(service->model().boosted));
  const auto rows = inputs.first(kRows * kCardInputs);
  const auto theirs = libxgboost.contributions(rows);
  std::array<double, kCardInputs> values;
  for (std::size_t i = 0; i < kRows; ++i) {
    boosted.contributions(rows.subspan(i * kCardInputs, kCardInputs), values);
    for (std::size_t f = 0; f < kCardInputs; ++f) {
      if (std::fabs(values[f] - static_cast<double>(theirs[i * (kCardInputs + 1) + f])) > 1e-5) {
        give_up("a contribution differs from libxgboost's");
      }
    }
  }
  std::vector<double> ours;
  std::vector<double> libxgboosts;
  std::vector<double> whole;
  double sum = 0;
  for (int i = 0; i < kRepeats; ++i) {
    ours.push_back(nanoseconds_each(kRows, [&] {
      for (std::size_t r = 0; r < kRows; ++r) {
        boosted.contributions(rows.subspan(r * kCardInputs, kCardInputs), values);
        sum += values[0];
      }
    }));
    libxgboosts.push_back(
        nanoseconds_each(kRows, [&] { sum += static_cast<double>(libxgboost.contributions(rows)[0]); }));
    whole.push_back(nanoseconds_each(kRows, [&] {
      for (std::size_t r = 0; r < kRows; ++r) {
        sum += explainer->explain(features::CardRaw(raw.data() + r * kCardRaw, kCardRaw)).score;
      }
    }));
  }
  if (!std::isfinite(sum)) give_up("an explanation is not finite");
  std::printf(
      "\nShapley values, boosted member: ours %.1f us, libxgboost %.1f us (%.0fx); one explained decision %.1f us\n",
      median(ours) / 1e3, median(libxgboosts) / 1e3, median(libxgboosts) / median(ours), median(whole) / 1e3);
  json.key("explained").begin_object().member("one_row_ns", median(whole)).member("boosted_ns", median(ours));
  json.member("xgboost_boosted_ns", median(libxgboosts)).end_object();
}

struct Options {
  std::size_t rows = 100'000;
  std::filesystem::path out = "build/bench/scoring.json";
  std::filesystem::path dump;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name.starts_with("--benchmark_")) continue;  // for the other benches of the same run
    const bool valued = i + 1 < argc;
    if (name == "--rows" && valued) {
      options.rows = std::max<std::size_t>(100'000, std::strtoull(argv[++i], nullptr, 10));
    } else if (name == "--out" && valued) {
      options.out = argv[++i];
    } else if (name == "--dump" && valued) {
      options.dump = argv[++i];
    } else {
      give_up("usage: vigie_scoring_bench [--rows N] [--out FILE] [--dump FOLDER]");
    }
  }
  return options;
}

int run(const Options& options) {
  const Rows training_rows = simulate(1, kTrainingRows);
  training::CardTrainingOptions training_options;
  training_options.threads = thread_count(0);
  training_options.replicates = 0;
  auto trained =
      require(training::train_card({.raw = training_rows.raw, .labels = training_rows.labels}, training_options));
  trained.model.name = "bench";
  const auto service = require(decision::CardService::make({.info = {}, .model = trained.model}));
  const model::CardModel& model = service->model();

  const Rows sample = simulate(2, options.rows);
  std::vector<float> inputs(sample.count() * kCardInputs);
  const features::CardTransform transform(model.inputs);
  for (std::size_t i = 0; i < sample.count(); ++i) {
    transform.row(features::CardRaw(sample.raw.data() + i * kCardRaw, kCardRaw),
                  std::span(inputs).subspan(i * kCardInputs).first<kCardInputs>());
  }
  if (!options.dump.empty()) dump(options.dump, model, inputs);

  const auto best = scoring::best_engine();
  const auto boosted = require(scoring::make_boosted_scorer(model.boosted, best));
  const auto isolation = require(scoring::make_isolation_scorer(model.isolation, best));
  const std::vector<float> leaves = one_leaf_a_tree(model.boosted.forest);
  volatile float total = 0;
  LibxgboostPredictor libxgboost(model.boosted_source, kCardInputs);
  std::vector<double> scores(sample.count());
  std::vector<domain::CardDecision> decisions(sample.count());
  const auto input_rows = [&](std::size_t first, std::size_t count) {
    return std::span<const float>(inputs).subspan(first * kCardInputs, count * kCardInputs);
  };
  const auto raw_rows = [&](std::size_t first, std::size_t count) {
    return std::span<const double>(sample.raw).subspan(first * kCardRaw, count * kCardRaw);
  };
  const auto with = [&](const scoring::Scorer& scorer) {
    return [&](std::size_t first, std::size_t count) {
      scorer.score(input_rows(first, count), std::span(scores).subspan(first, count));
    };
  };
  const auto reference = [&](const auto& forest) {
    return [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i)
        scores[i] = scoring::reference_score(forest, input_rows(i, 1));
    };
  };
  std::vector<Contender> contenders = {
      {"ensemble", "ours",
       [&](std::size_t first, std::size_t count) {
         service->decide(raw_rows(first, count), std::span(decisions).subspan(first, count));
       }},
      {"boosted", "ours", with(*boosted)},
      {"boosted", "reference", reference(model.boosted)},
      {"boosted", "xgboost",
       [&](std::size_t first, std::size_t count) { libxgboost.predict(input_rows(first, count)); }},
      {"boosted", "additions",
       [&](std::size_t, std::size_t count) {
         for (std::size_t i = 0; i < count; ++i) total = ordered_sum(leaves, total);
       }},
  };
  std::vector<std::unique_ptr<scoring::Scorer>> slower;
  const auto add_slower = [&](const std::string& what, const auto& make) {
    for (const scoring::Engine engine : scoring::supported_engines()) {
      if (engine == best) continue;
      slower.push_back(make(engine));
      contenders.push_back({what, std::string(to_string(engine)), with(*slower.back())});
    }
  };
  add_slower("boosted", [&](auto engine) { return require(scoring::make_boosted_scorer(model.boosted, engine)); });
  contenders.push_back({"isolation", "ours", with(*isolation)});
  contenders.push_back({"isolation", "reference", reference(model.isolation)});
  add_slower("isolation",
             [&](auto engine) { return require(scoring::make_isolation_scorer(model.isolation, engine)); });

  // Results before times.
  const auto theirs = libxgboost.predict(inputs);
  const std::vector<float> libxgboost_scores(theirs.begin(), theirs.end());
  service->decide(sample.raw, decisions);
  boosted->score(inputs, scores);
  for (std::size_t i = 0; i < sample.count(); ++i) {
    const auto row = input_rows(i, 1);
    if (scores[i] != static_cast<double>(libxgboost_scores[i])) give_up("boosted scores differ from libxgboost's");
    if (scores[i] != scoring::reference_score(model.boosted, row)) give_up("boosted scores differ from the reference");
    const auto& members = decisions[i].member_scores;
    if (members[0] != scoring::reference_score(model.isolation, row) || members[1] != scores[i]) {
      give_up("a decision differs from the reference");
    }
  }
  std::printf("%zu rows: engine \"%s\", reference and libxgboost give equal scores on each\n", sample.count(),
              std::string(to_string(best)).c_str());

  time_all(contenders, sample.count());
  JsonWriter json(2);
  json.begin_object().member("engine", to_string(best)).member("rows", sample.count()).member("repeats", kRepeats);
  report(contenders, json);
  report_ratios(contenders);
  report_instructions(contenders);
  report_explanations(service, sample.raw, inputs, libxgboost, json);
  if (!run_forest_curves(json)) return 1;
  json.end_object();

  if (options.out.has_parent_path()) std::filesystem::create_directories(options.out.parent_path());
  if (const auto written = write_file(options.out, json.text() + "\n"); !written) give_up(written.error().to_string());
  std::printf("\nwritten: %s\n", options.out.c_str());
  return 0;
}

}  // namespace
}  // namespace vigie::bench

int main(int argc, char** argv) { return vigie::bench::run(vigie::bench::parse(argc, argv)); }
