#include "training/scorecard_fit.h"

#include <algorithm>
#include <cmath>

#include "model/combination.h"
#include "training/monotone.h"
#include "training/woe_regression.h"

namespace vigie::training {
namespace {

using model::ScorecardField;

// A field, its column, and the bin of each row.
struct Binned {
  ScorecardField field{};
  std::size_t column = 0;
  std::vector<std::uint16_t> bins{};
};

Result<Binned> bin_column(const ScorecardColumn& column, std::size_t index, std::span<const std::uint8_t> labels,
                          std::span<const double> weights) {
  auto field = fit_binning(column.values, labels, weights, column.binning);
  if (!field) {
    Error error = std::move(field).error();
    error.place.field = column.name + (error.place.field.empty() ? "" : ".") + error.place.field;
    return std::unexpected(std::move(error));
  }
  Binned binned{.field = std::move(*field), .column = index};
  binned.field.name = column.name;
  binned.bins.reserve(column.values.size());
  for (const double value : column.values) {
    binned.bins.push_back(static_cast<std::uint16_t>(binned.field.bin_of(value)));
  }
  return binned;
}

WoeRegression regress(const std::vector<Binned>& fields, std::span<const std::uint8_t> labels,
                      std::span<const double> weights) {
  std::vector<std::vector<double>> evidence(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const std::uint16_t bin : fields[i].bins) evidence[i].push_back(-fields[i].field.bins[bin].woe);
  }
  return fit_woe_regression(evidence, labels, weights);
}

// Every bin's log odds by one Newton step after another, field by field, while the other fields stay as they are. The
// regression's log odds are the middle of a normal prior whose information is `draw`.
class BinLogOdds {
 public:
  BinLogOdds(std::vector<Binned>& fields, double& intercept, std::span<const std::uint8_t> labels,
             std::span<const double> weights, double draw)
      : fields_(fields), intercept_(intercept), labels_(labels), weights_(weights), draw_(draw) {
    margins_.assign(labels.size(), intercept);
    for (const Binned& one : fields_) {
      std::vector<double>& middle = middles_.emplace_back();
      for (const model::ScorecardBin& bin : one.field.bins) middle.push_back(bin.log_odds);
      for (std::size_t row = 0; row < margins_.size(); ++row) margins_[row] += middle[one.bins[row]];
    }
  }

  void improve(std::size_t rounds) {
    for (std::size_t round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < fields_.size(); ++i) improve_field(fields_[i], middles_[i]);
      improve_intercept();
    }
  }

 private:
  struct Slope {
    double gradient = 0;  // of the log likelihood
    double curvature = 0;
  };

  Slope slope_of(std::size_t row) const {
    const double p = model::sigmoid(margins_[row]);
    const double weight = weights_.empty() ? 1 : weights_[row];
    return {weight * (labels_[row] - p), weight * p * (1 - p)};
  }

  void improve_field(Binned& one, const std::vector<double>& middle) {
    const std::size_t count = one.field.bins.size();
    std::vector<Slope> sums(count);
    for (std::size_t row = 0; row < margins_.size(); ++row) {
      const Slope slope = slope_of(row);
      sums[one.bins[row]].gradient += slope.gradient;
      sums[one.bins[row]].curvature += slope.curvature;
    }
    std::vector<double> next(count);
    std::vector<double> information(count);
    for (std::size_t bin = 0; bin < count; ++bin) {
      const double now = one.field.bins[bin].log_odds;
      information[bin] = sums[bin].curvature + draw_;
      next[bin] = now + (sums[bin].gradient - draw_ * (now - middle[bin])) / information[bin];
    }
    const std::size_t ranges = one.field.edges.size() + 1;
    keep_trend(std::span(next).first(ranges), std::span<const double>(information).first(ranges), one.field.trend);
    for (std::size_t row = 0; row < margins_.size(); ++row) {
      margins_[row] += next[one.bins[row]] - one.field.bins[one.bins[row]].log_odds;
    }
    for (std::size_t bin = 0; bin < count; ++bin) one.field.bins[bin].log_odds = next[bin];
  }

  void improve_intercept() {
    Slope sum;
    for (std::size_t row = 0; row < margins_.size(); ++row) {
      const Slope slope = slope_of(row);
      sum.gradient += slope.gradient;
      sum.curvature += slope.curvature;
    }
    const double step = sum.gradient / sum.curvature;
    intercept_ += step;
    for (double& margin : margins_) margin += step;
  }

  std::vector<Binned>& fields_;
  double& intercept_;
  std::span<const std::uint8_t> labels_;
  std::span<const double> weights_;
  double draw_;
  std::vector<double> margins_;
  std::vector<std::vector<double>> middles_;
};

Status check(std::span<const ScorecardColumn> columns, std::span<const std::uint8_t> labels,
             std::span<const double> weights, const ScorecardOptions& options) {
  const auto refuse = [](std::string message, std::string field) {
    return fail(Code::kInvalidArgument, std::move(message), {.field = std::move(field)});
  };
  if (columns.empty()) return refuse("there are no columns to learn from", "columns");
  for (const ScorecardColumn& column : columns) {
    if (column.values.size() != labels.size()) return refuse("it has not one value for each label", column.name);
  }
  if (!weights.empty() && weights.size() != labels.size()) return refuse("there is not one for each label", "weights");
  if (!(options.least_information >= 0)) return refuse("it must be 0 or more", "least_information");
  if (!(options.draw > 0)) return refuse("it must be above 0", "draw");
  return {};
}

}  // namespace

Result<ScorecardFit> fit_scorecard(std::span<const ScorecardColumn> columns, std::span<const std::uint8_t> labels,
                                   std::span<const double> weights, const ScorecardOptions& options) {
  VIGIE_TRY(check(columns, labels, weights, options));
  ScorecardFit fit{.scorecard = {.scale = options.scale}};
  std::vector<Binned> fields;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    Binned binned = VIGIE_TRY(bin_column(columns[i], i, labels, weights));
    const bool known = columns[i].binning.trend || !binned.field.edges.empty();
    fit.trends.push_back(known ? std::optional(binned.field.trend) : std::nullopt);
    if (binned.field.information_value < options.least_information) {
      fit.left_out.push_back({columns[i].name, LeftOut::Why::kLittleInformation, binned.field.information_value});
    } else {
      fields.push_back(std::move(binned));
    }
  }
  WoeRegression regression;
  while (!fields.empty()) {
    regression = regress(fields, labels, weights);
    const auto least = std::ranges::min_element(regression.slopes);
    if (*least > 0) break;
    const auto worst = fields.begin() + (least - regression.slopes.begin());
    fit.left_out.push_back({worst->field.name, LeftOut::Why::kOtherFieldsSayIt, worst->field.information_value});
    fields.erase(worst);
  }
  if (fields.empty()) {
    return fail(Code::kInvalidData, "no field says anything about the outcome", {},
                "check that the label is the right column, or lower least_information");
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (model::ScorecardBin& bin : fields[i].field.bins) bin.log_odds = -regression.slopes[i] * bin.woe;
  }
  fit.scorecard.intercept = regression.intercept;
  BinLogOdds(fields, fit.scorecard.intercept, labels, weights, options.draw).improve(options.rounds);
  for (Binned& one : fields) {
    fit.used.push_back(one.column);
    fit.scorecard.fields.push_back(std::move(one.field));
  }
  return fit;
}

}  // namespace vigie::training
