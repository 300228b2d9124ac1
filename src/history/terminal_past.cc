#include "history/terminal_past.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace vigie::history {
namespace {

template <typename Kept>
void drop_expired(std::vector<Kept>& kept, std::int64_t horizon) {
  const auto first = std::ranges::find_if(kept, [&](const Kept& one) { return one.time > horizon; });
  kept.erase(kept.begin(), first);
}

void add_use(std::vector<Uses>& uses, std::uint32_t time, std::uint32_t count) {
  auto at = uses.end();
  while (at != uses.begin() && std::prev(at)->time > time) --at;
  if (at != uses.begin() && std::prev(at)->time == time) {
    std::prev(at)->count += count;
  } else {
    uses.insert(at, {.time = time, .count = count});
  }
}

}  // namespace

std::uint32_t TerminalPast::counted_at(std::uint32_t time) const {
  return hourly_ ? time - time % static_cast<std::uint32_t>(kHour) : time;
}

void TerminalPast::count_by_the_hour() {
  hourly_ = true;
  std::vector<Uses> hours;
  for (const Uses& use : uses_) add_use(hours, counted_at(use.time), use.count);
  uses_ = std::move(hours);
}

std::string_view to_string(LabelOutcome outcome) {
  switch (outcome) {
    case LabelOutcome::kTaken: return "taken";
    case LabelOutcome::kTooOld: return "too_old";
    case LabelOutcome::kUnknown: return "unknown";
  }
  return "";
}

void TerminalPast::add(std::uint32_t time, std::int64_t horizon) {
  drop_expired(uses_, horizon);
  drop_expired(frauds_, horizon);
  if (uses_.empty()) hourly_ = false;
  add_use(uses_, counted_at(time), 1);
  if (!hourly_ && uses_.size() > kMostSeconds) count_by_the_hour();
}

LabelOutcome TerminalPast::label(std::uint64_t id, std::uint32_t time, bool fraud, std::int64_t horizon) {
  if (time <= horizon) return LabelOutcome::kTooOld;
  const auto use = std::ranges::lower_bound(uses_, counted_at(time), {}, &Uses::time);
  if (use == uses_.end() || use->time != counted_at(time)) return LabelOutcome::kUnknown;
  const auto key = [](const Fraud& one) { return std::tuple(one.time, one.id); };
  const auto at = std::ranges::lower_bound(frauds_, std::tuple(time, id), {}, key);
  const bool known = at != frauds_.end() && key(*at) == std::tuple(time, id);
  if (known && !fraud) {
    frauds_.erase(at);
  } else if (!known && fraud) {
    frauds_.insert(at, {.id = id, .time = time, .reserved = 0});
    if (frauds_.size() > kMostFrauds) drop_expired(frauds_, horizon);
    if (frauds_.size() > kMostFrauds) frauds_.erase(frauds_.begin());
  }
  return LabelOutcome::kTaken;
}

void TerminalPast::write_features(std::int64_t time, std::int64_t horizon, FeatureRow out) const {
  const auto first_use_after = [&](std::int64_t when) {
    return std::ranges::partition_point(uses_, [&](const Uses& use) { return use.time <= when; });
  };
  const auto first_fraud_after = [&](std::int64_t when) {
    return std::ranges::partition_point(frauds_, [&](const Fraud& fraud) { return counted_at(fraud.time) <= when; });
  };
  const std::int64_t end = time - kRiskDelay;
  auto uses_end = first_use_after(end);
  const auto frauds_end = first_fraud_after(end);
  std::uint64_t count = 0;
  for (std::size_t window = 0; window < kRiskWindows.size(); ++window) {
    const std::int64_t start = std::min(end, std::max(end - kRiskWindows[window], horizon));
    const auto uses_begin = first_use_after(start);
    for (auto use = uses_begin; use != uses_end; ++use) count += use->count;
    uses_end = uses_begin;
    // Two labels can name one event with different ids: a share stays one.
    const auto frauds = std::min(static_cast<std::uint64_t>(frauds_end - first_fraud_after(start)), count);
    out[kTerminalCount + window] = static_cast<double>(count);
    out[kTerminalRisk + window] = count == 0 ? 0 : static_cast<double>(frauds) / static_cast<double>(count);
  }
}

void TerminalPast::write_no_features(FeatureRow out) {
  std::fill_n(out.begin() + kTerminalCount, 2 * kRiskWindows.size(), std::numeric_limits<double>::quiet_NaN());
}

void TerminalPast::restore(std::span<const Uses> uses, std::span<const Fraud> frauds, bool hourly) {
  uses_.assign(uses.begin(), uses.end());
  frauds_.assign(frauds.begin(), frauds.end());
  hourly_ = hourly;
}

}  // namespace vigie::history
