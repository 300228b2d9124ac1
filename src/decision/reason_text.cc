#include "decision/reason_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/number.h"

namespace vigie::decision {

double share_below(const model::FeatureReference& reference, double value) {
  static constexpr std::array kShares = {0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0};
  const std::vector<double>& quantiles = reference.quantiles;
  if (quantiles.size() != kShares.size()) return 0.5;
  if (value <= quantiles.front()) return 0;
  for (std::size_t i = 1; i < quantiles.size(); ++i) {
    if (value > quantiles[i]) continue;
    const double width = quantiles[i] - quantiles[i - 1];
    const double part = width > 0 ? (value - quantiles[i - 1]) / width : 0;
    return kShares[i - 1] + part * (kShares[i] - kShares[i - 1]);
  }
  return 1;
}

double median_of(const model::FeatureReference& reference) {
  return reference.quantiles.empty() ? 0 : reference.quantiles[reference.quantiles.size() / 2];
}

std::string short_number(double value, bool french) {
  std::array<char, 32> text;
  const auto end = std::fabs(value) >= 1000
                       ? std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, 0).ptr
                       : std::to_chars(text.begin(), text.end(), value, std::chars_format::general, 3).ptr;
  if (french) std::replace(text.begin(), end, '.', ',');
  return {text.begin(), end};
}

std::string standing(double quantile, bool french) {
  const auto percent = [&](double share) {
    if (share > 0.99) return std::string(french ? "plus de 99" : "more than 99");
    return format_double(std::round(share * 100));
  };
  if (quantile >= 0.25 && quantile <= 0.75) return french ? "une valeur courante" : "a usual value";
  if (quantile > 0.75) {
    return french ? "plus haut que " + percent(quantile) + " % des transactions"
                  : "higher than " + percent(quantile) + " % of transactions";
  }
  return french ? "plus bas que " + percent(1 - quantile) + " % des transactions"
                : "lower than " + percent(1 - quantile) + " % of transactions";
}

}  // namespace vigie::decision
