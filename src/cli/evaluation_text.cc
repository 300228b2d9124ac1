#include "cli/evaluation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "base/number.h"

namespace vigie::cli {
namespace {

constexpr std::size_t kNameWidth = 18;
constexpr std::size_t kCellWidth = 10;

// Columns are as wide as their title.
std::size_t width_of(const model::Metric& metric) { return std::max(kCellWidth, metric.title_en.size()); }

std::string title_line(std::string_view first) {
  std::string line = fmt::format("{:<{}}", first, kNameWidth);
  for (const model::Metric& metric : model::kMetrics)
    line += fmt::format("  {:>{}}", metric.title_en, width_of(metric));
  return line + "\n";
}

}  // namespace

std::string evaluation_text(const model::Evaluation& evaluation) {
  std::string out = fmt::format("{} rows, {} positives, base rate {:.4g} %, {}\n", with_thousands(evaluation.rows),
                                with_thousands(evaluation.positives), 100 * evaluation.prevalence, evaluation.split);
  out += title_line("");
  for (const model::ScorerEvaluation& scorer : evaluation.scorers) {
    out += fmt::format("{:<{}}", scorer.scorer, kNameWidth);
    for (const model::Metric& metric : model::kMetrics) {
      out += fmt::format("  {:>{}.4f}", (scorer.*metric.field).value, width_of(metric));
    }
    out += "\n";
    const bool measured = std::any_of(std::begin(model::kMetrics), std::end(model::kMetrics), [&](const auto& metric) {
      return (scorer.*metric.field).low != (scorer.*metric.field).high;
    });
    if (!measured) continue;
    out += fmt::format("{:<{}}", "  95 % interval", kNameWidth);
    for (const model::Metric& metric : model::kMetrics) {
      const model::Measured& value = scorer.*metric.field;
      // Compact: .812-.934 keeps the line on a screen.
      out +=
          fmt::format("  {:>{}}", fmt::format("{:.3f}-{:.3f}", value.low, value.high).substr(0, 11), width_of(metric));
    }
    out += "\n";
  }
  if (!evaluation.scorers.empty()) {
    const model::ScorerEvaluation& last = evaluation.scorers.back();
    out += fmt::format(
        "{} at threshold {:.4f}: {:.0f} frauds caught, {:.0f} missed, {:.0f} false alarms, {:.0f} rightly passed\n",
        last.scorer, last.threshold, last.confusion.tp, last.confusion.fn, last.confusion.fp, last.confusion.tn);
  }
  return out;
}

std::string contributions_text(const model::Contributions& contributions, std::span<const std::string> inputs) {
  constexpr std::size_t kShown = 5;
  std::string out = "what moves the score most: mean |contribution|\n";
  const auto add = [&](std::string_view rows, const std::vector<double>& means) {
    std::vector<std::size_t> order(means.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater(), [&](std::size_t input) { return means[input]; });
    order.resize(std::min(kShown, order.size()));
    out += fmt::format("{:<{}}", rows, kNameWidth);
    for (const std::size_t input : order) {
      out += fmt::format("  {} {:.4f}", inputs[input], means[input]);
    }
    out += "\n";
  };
  add("all transactions", contributions.mean_absolute);
  add("frauds", contributions.positives_mean_absolute);
  return out;
}

std::string prequential_text(const model::Prequential& prequential) {
  constexpr std::size_t kWidth = 22;
  constexpr std::size_t kScorerWidth = 30;
  std::string out = fmt::format(
      "{} folds: {} days to learn, {} until their frauds are known, {} to try; card precision among {} a day\n",
      prequential.folds.size(), prequential.train_days, prequential.delay_days, prequential.test_days,
      prequential.cards);
  out += fmt::format("{:<{}}{:<12}{:<12}", "", kScorerWidth, "learns from", "tried from");
  for (const auto& metric : model::kPrequentialMetrics) out += fmt::format("{:>{}}", metric.title_en, kWidth);
  out += "\n";
  for (const model::PrequentialScorer& scorer : prequential.scorers) {
    for (std::size_t f = 0; f < scorer.folds.size(); ++f) {
      const model::PrequentialFold& fold = prequential.folds[f];
      out +=
          fmt::format("{:<{}}{:<12}{:<12}", f == 0 ? scorer.name : "", kScorerWidth, fold.train_from, fold.test_from);
      for (const auto& metric : model::kPrequentialMetrics) {
        out += fmt::format("{:>{}.4f}", scorer.folds[f].*metric.field, kWidth);
      }
      out += "\n";
    }
    out += fmt::format("{:<{}}{:<24}", "", kScorerWidth, "mean ± deviation");
    for (const auto& metric : model::kPrequentialMetrics) {
      // The sign of two bytes has one column.
      out += fmt::format(
          "{:>{}}", fmt::format("{:.4f} ± {:.4f}", scorer.mean.*metric.field, scorer.deviation.*metric.field), kWidth);
    }
    out += "\n";
  }
  return out;
}

std::string seeds_text(std::span<const model::SeedSummary> seeds) {
  std::vector<std::string> scorers;
  for (const model::SeedSummary& summary : seeds) {
    if (std::find(scorers.begin(), scorers.end(), summary.scorer) == scorers.end()) scorers.push_back(summary.scorer);
  }
  if (scorers.empty()) return {};
  constexpr std::size_t kWidth = 17;
  std::string out = fmt::format("mean ± deviation over {} seeds\n", seeds.front().values.size());
  out += fmt::format("{:<{}}", "", kNameWidth);
  for (const model::Metric& metric : model::kMetrics) out += fmt::format("  {:>{}}", metric.title_en, kWidth);
  out += fmt::format("  {:>{}}\n", "Threshold", kWidth);
  for (const std::string& scorer : scorers) {
    out += fmt::format("{:<{}}", scorer, kNameWidth);
    const auto cell = [&](std::string_view metric) {
      const auto found = std::find_if(seeds.begin(), seeds.end(), [&](const model::SeedSummary& summary) {
        return summary.scorer == scorer && summary.metric == metric;
      });
      if (found == seeds.end()) return std::string();
      return fmt::format("{:.4f} ± {:.4f}", found->mean, found->deviation);
    };
    for (const model::Metric& metric : model::kMetrics) out += fmt::format("  {:>{}}", cell(metric.name), kWidth);
    out += fmt::format("  {:>{}}\n", cell("threshold"), kWidth);
  }
  return out;
}

}  // namespace vigie::cli
