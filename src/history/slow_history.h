// The obvious history, for tests: a list of all that was counted, gone through again for each decision.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "history/client_past.h"
#include "history/embedded_history.h"
#include "history/history.h"

namespace vigie::history {

class SlowHistory final : public History {
 public:
  explicit SlowHistory(const Bounds& bounds) : bounds_(bounds) {}

  Result<Outcome> observe(const domain::Event& event, std::int64_t now, FeatureRow out) override {
    if (now > clock_ || now < clock_ - bounds_.ahead) clock_ = now;
    VIGIE_TRY(read(event, out));
    const auto kept = kept_of(event.client);
    if (std::ranges::find(kept, event.id, &domain::Event::id) != kept.end()) return Outcome::kDuplicate;
    if (event.time < clock_ - bounds_.late) return Outcome::kLate;
    if (event.time > now + bounds_.ahead) return Outcome::kAhead;
    counted_.push_back(event);
    if (event.terminal != 0) count_at(terminals_[event.terminal], event.time);
    return Outcome::kCounted;
  }

  Status read(const domain::Event& event, FeatureRow out) const override {
    write_client(event, out);
    write_terminal(event, out);
    return {};
  }

  Result<LabelOutcome> label(const domain::Label& label) override {
    if (label.time <= terminal_horizon()) return LabelOutcome::kTooOld;
    Terminal& terminal = terminals_[label.terminal];
    const bool used = std::ranges::any_of(
        terminal.uses, [&](std::int64_t time) { return terminal.counted_at(time) == terminal.counted_at(label.time); });
    if (!used) return LabelOutcome::kUnknown;
    if (label.fraud) terminal.frauds.insert({label.time, label.id});
    if (!label.fraud) terminal.frauds.erase({label.time, label.id});
    return LabelOutcome::kTaken;
  }

  Result<bool> forget(std::uint64_t client) override {
    return std::erase_if(counted_, [&](const domain::Event& event) { return event.client == client; }) > 0;
  }

 private:
  struct Terminal {
    std::vector<std::int64_t> uses;
    std::set<std::pair<std::int64_t, std::uint64_t>> frauds;  // time, id
    bool hourly = false;
    std::int64_t counted_at(std::int64_t time) const { return hourly ? time / kHour * kHour : time; }
  };

  std::int64_t horizon() const { return clock_ - bounds_.late - kLongestWindow; }
  std::int64_t terminal_horizon() const { return horizon() - kRiskDelay; }

  void count_at(Terminal& terminal, std::int64_t time) const {
    std::erase_if(terminal.uses, [&](std::int64_t use) { return terminal.counted_at(use) <= terminal_horizon(); });
    if (terminal.uses.empty()) terminal.hourly = false;
    terminal.uses.push_back(time);
    if (std::set(terminal.uses.begin(), terminal.uses.end()).size() > kMostSeconds) terminal.hourly = true;
  }

  // All that was counted and could be in a window, by time and id.
  std::vector<domain::Event> unexpired_of(std::uint64_t client) const {
    std::vector<domain::Event> events;
    for (const domain::Event& event : counted_) {
      if (event.client == client && event.time > horizon()) events.push_back(event);
    }
    std::ranges::sort(events, [](const auto& a, const auto& b) { return before(kept(a), kept(b)); });
    return events;
  }

  std::vector<domain::Event> kept_of(std::uint64_t client) const {
    auto events = unexpired_of(client);
    if (events.size() > kMostEvents) events.erase(events.begin(), events.end() - kMostEvents);
    return events;
  }

  void write_client(const domain::Event& event, FeatureRow out) const {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const auto all = unexpired_of(event.client);
    const std::size_t let_go = all.size() - std::min(all.size(), kMostEvents);
    for (std::size_t window = 0; window < kWindows.size(); ++window) {
      std::vector<domain::Event> past;
      for (std::size_t i = let_go; i < all.size(); ++i) {
        const bool within = all[i].time > event.time - kWindows[window] && all[i].time <= event.time;
        if (within && all[i].id != event.id) past.push_back(all[i]);
      }
      std::uint64_t cents = 0;
      std::uint64_t largest = event.cents;
      std::uint64_t type_count = 1;
      std::uint64_t type_cents = event.cents;
      std::set<std::uint64_t> terminals{event.terminal};
      std::uint64_t visits = 0;
      bool country = false;
      for (const domain::Event& other : past) {
        cents += other.cents;
        largest = std::max(largest, other.cents);
        terminals.insert(other.terminal);
        visits += other.terminal == event.terminal ? 1 : 0;
        country |= other.country == event.country;
        if (other.type == event.type) ++type_count;
        if (other.type == event.type) type_cents += other.cents;
      }
      terminals.erase(0);
      const auto count = static_cast<double>(past.size() + 1);
      const auto sum = static_cast<double>(cents + event.cents);
      out[kCount + window] = count;
      out[kSum + window] = sum / 100;
      out[kMean + window] = sum / (count * 100);
      out[kMaximum + window] = static_cast<double>(largest) / 100;
      out[kTerminals + window] = static_cast<double>(terminals.size());
      const double mean = static_cast<double>(cents) / static_cast<double>(past.size());
      if (window > 0) out[kRatio + window - 1] = cents == 0 ? kNone : static_cast<double>(event.cents) / mean;
      if (window == 1) out[kTypeCountDay] = static_cast<double>(type_count);
      if (window == 1) out[kTypeSumDay] = static_cast<double>(type_cents) / 100;
      if (window < 3) continue;
      out[kTypeCountMonth] = static_cast<double>(type_count);
      out[kSinceLast] = past.empty() ? kNone : static_cast<double>(event.time - past.back().time);
      out[kDeviations] = past.size() < 2 ? kNone : (static_cast<double>(event.cents) - mean) / deviation(past);
      out[kNewTerminal] = event.terminal != 0 && visits == 0 ? 1 : 0;
      out[kTerminalVisits] = event.terminal != 0 ? static_cast<double>(visits) : 0;
      out[kNewCountry] = event.country != 0 && !country ? 1 : 0;
    }
    const std::int64_t month = event.time - kLongestWindow;
    out[kIncomplete] = month < horizon() || (let_go > 0 && all[let_go - 1].time > month) ? 1 : 0;
    const std::int64_t days = event.time / kDay;
    out[kNight] = event.time - days * kDay < 7 * kHour ? 1 : 0;
    out[kWeekend] = days % 7 == 2 || days % 7 == 3 ? 1 : 0;  // 1970-01-03 was a Saturday
  }

  // Of cents, at least one: from the squared distances of all pairs.
  static double deviation(const std::vector<domain::Event>& past) {
    __extension__ using Wide = unsigned __int128;
    Wide pairs = 0;
    for (std::size_t i = 0; i < past.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::uint64_t distance = std::max(past[i].cents, past[j].cents) - std::min(past[i].cents, past[j].cents);
        pairs += static_cast<Wide>(distance) * distance;
      }
    }
    const auto count = static_cast<double>(past.size());
    return std::max(1.0, std::sqrt(static_cast<double>(pairs) / (count * (count - 1))));
  }

  void write_terminal(const domain::Event& event, FeatureRow out) const {
    const auto found = terminals_.find(event.terminal);
    const Terminal terminal = found == terminals_.end() ? Terminal() : found->second;
    for (std::size_t window = 0; window < kRiskWindows.size(); ++window) {
      const std::int64_t end = event.time - kRiskDelay;
      const auto within = [&](std::int64_t time) {
        const std::int64_t at = terminal.counted_at(time);
        return at > end - kRiskWindows[window] && at <= end && at > terminal_horizon();
      };
      const auto count = static_cast<double>(std::ranges::count_if(terminal.uses, within));
      const auto frauds = static_cast<double>(
          std::ranges::count_if(terminal.frauds, [&](const auto& fraud) { return within(fraud.first); }));
      constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
      out[kTerminalCount + window] = event.terminal == 0 ? kNone : count;
      out[kTerminalRisk + window] = event.terminal == 0 ? kNone : count == 0 ? 0 : std::min(frauds, count) / count;
    }
  }

  Bounds bounds_;
  std::int64_t clock_ = 0;
  std::vector<domain::Event> counted_;
  std::map<std::uint64_t, Terminal> terminals_;
};

}  // namespace vigie::history
