#include "history/client_past.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace vigie::history {
namespace {

// g++ and clang have it on every 64-bit machine, the standard does not.
__extension__ using Wide = unsigned __int128;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double money(std::uint64_t cents) { return static_cast<double>(cents) / 100; }

// Counts different marks. As large as the past that is walked asks for, so that short ones cost little.
class MarkSet {
 public:
  explicit MarkSet(std::size_t most) : shift_(32 - static_cast<int>(std::bit_width(2 * most + 1))) {
    std::memset(slots_.data(), 0, sizeof(slots_[0]) << (32 - shift_));
  }
  void add(std::uint32_t mark) {
    if (mark == 0) return;
    const std::uint32_t last = (std::uint32_t{1} << (32 - shift_)) - 1;
    std::uint32_t at = (mark * 0x9e3779b1U) >> shift_;
    while (slots_[at] != 0) {
      if (slots_[at] == mark) return;
      at = (at + 1) & last;
    }
    slots_[at] = mark;
    ++count_;
  }
  std::uint32_t count() const { return count_; }

 private:
  static_assert(std::bit_width(2 * (kMostEvents + 1) + 1) == 11);
  std::array<std::uint32_t, std::size_t{1} << 11> slots_;
  int shift_;
  std::uint32_t count_ = 0;
};

// What one window adds up to, without the event itself.
struct Totals {
  std::uint64_t count = 0;
  std::uint64_t cents = 0;
  std::uint64_t largest = 0;
  Wide squares = 0;  // of cents
  std::uint64_t type_count = 0;
  std::uint64_t type_cents = 0;
};

double ratio(std::uint64_t cents, const Totals& totals) {
  if (totals.cents == 0) return kNone;
  return static_cast<double>(cents) / (static_cast<double>(totals.cents) / static_cast<double>(totals.count));
}

double deviations(std::uint64_t cents, const Totals& totals) {
  if (totals.count < 2) return kNone;
  // Exact: 2^9 events of 2^48 cents are below 2^114, so nothing cancels however alike the amounts are.
  const Wide spread = totals.squares * totals.count - static_cast<Wide>(totals.cents) * totals.cents;
  const auto count = static_cast<double>(totals.count);
  const double deviation = std::sqrt(static_cast<double>(spread) / (count * (count - 1)));
  const double mean = static_cast<double>(totals.cents) / count;
  return (static_cast<double>(cents) - mean) / std::max(deviation, 1.0);
}

void write_calendar(std::int64_t time, FeatureRow out) {
  const std::int64_t hour = time % kDay / kHour;
  const std::int64_t weekday = (time / kDay + 3) % 7;  // 0 is Monday: 1970-01-01 was a Thursday
  out[kNight] = hour <= 6 ? 1 : 0;
  out[kWeekend] = weekday >= 5 ? 1 : 0;
}

}  // namespace

KeptEvent kept(const domain::Event& event) {
  return {.id = event.id,
          .time = static_cast<std::uint32_t>(event.time),
          .terminal = terminal_mark(event.terminal),
          .cents = event.cents & domain::kMostCents,
          .country = event.country & 0xfffU,
          .type = event.type & 0xfU};
}

std::optional<std::size_t> ClientPast::find(std::uint64_t id, std::int64_t horizon) const {
  for (std::size_t i = size_; i > 0; --i) {
    if (events_[i - 1].id == id && events_[i - 1].time > horizon) return i - 1;
  }
  return std::nullopt;
}

void ClientPast::reallocate(std::size_t capacity) {
  auto events = std::make_unique_for_overwrite<KeptEvent[]>(capacity);
  std::copy_n(events_.get(), size_, events.get());
  events_ = std::move(events);
  capacity_ = static_cast<std::uint16_t>(capacity);
}

void ClientPast::drop_expired(std::int64_t horizon) {
  const auto all = events();
  const auto first = std::ranges::find_if(all, [&](const KeptEvent& event) { return event.time > horizon; });
  if (first == all.begin()) return;
  size_ = static_cast<std::uint16_t>(all.end() - first);
  std::copy_n(&*all.begin() + (first - all.begin()), size_, events_.get());
  if (size_ < capacity_ / 4) reallocate(size_ + std::size_t{4});
}

void ClientPast::add(const KeptEvent& event, std::int64_t horizon) {
  if (size_ == capacity_) {
    drop_expired(horizon);
    if (size_ == kMostEvents) {
      if (before(event, events_[0])) {
        let_go_until_ = std::max(let_go_until_, event.time);
        return;
      }
      let_go_until_ = std::max(let_go_until_, events_[0].time);
      std::copy(events_.get() + 1, events_.get() + size_, events_.get());
      --size_;
    } else if (size_ == capacity_) {
      // By a quarter: what is reserved and unused stays small over millions of clients.
      reallocate(std::min(kMostEvents, size_ + std::max<std::size_t>(4, size_ / 4)));
    }
  }
  std::size_t at = size_;
  for (; at > 0 && before(event, events_[at - 1]); --at) events_[at] = events_[at - 1];
  events_[at] = event;
  ++size_;
}

void ClientPast::restore(std::span<const KeptEvent> events, std::uint32_t let_go_until) {
  size_ = 0;
  reallocate(events.size());
  std::ranges::copy(events, events_.get());
  size_ = capacity_;
  let_go_until_ = let_go_until;
}

void write_client_features(const domain::Event& event, const ClientPast& past, std::int64_t horizon,
                           std::optional<std::size_t> itself, FeatureRow out) {
  const auto events = past.events();
  const std::int64_t now = event.time;
  const std::uint32_t terminal = terminal_mark(event.terminal);
  std::size_t at = events.size();
  while (at > 0 && events[at - 1].time > now) --at;

  MarkSet terminals(at + 1);
  terminals.add(terminal);
  Totals totals;
  std::uint64_t visits = 0;
  bool country_known = false;
  std::optional<std::uint32_t> last;
  for (std::size_t window = 0; window < kWindows.size(); ++window) {
    const std::int64_t start = std::max(now - kWindows[window], horizon);
    for (; at > 0 && events[at - 1].time > start; --at) {
      if (at - 1 == itself) continue;
      const KeptEvent& other = events[at - 1];
      if (!last) last = other.time;
      const std::uint64_t cents = other.cents;
      ++totals.count;
      totals.cents += cents;
      totals.largest = std::max(totals.largest, cents);
      totals.squares += static_cast<Wide>(cents) * cents;
      const bool same_type = other.type == event.type;
      totals.type_count += same_type ? 1 : 0;
      totals.type_cents += same_type ? cents : 0;
      visits += other.terminal == terminal ? 1 : 0;
      country_known |= other.country == event.country;
      terminals.add(other.terminal);
    }
    const std::uint64_t sum = totals.cents + event.cents;
    out[kCount + window] = static_cast<double>(totals.count + 1);
    out[kSum + window] = money(sum);
    out[kMean + window] = static_cast<double>(sum) / static_cast<double>((totals.count + 1) * 100);
    out[kMaximum + window] = money(std::max(totals.largest, event.cents));
    out[kTerminals + window] = terminals.count();
    if (window > 0) out[kRatio + window - 1] = ratio(event.cents, totals);
    if (kWindows[window] == kDay) {
      out[kTypeCountDay] = static_cast<double>(totals.type_count + 1);
      out[kTypeSumDay] = money(totals.type_cents + event.cents);
    }
  }
  out[kTypeCountMonth] = static_cast<double>(totals.type_count + 1);
  out[kSinceLast] = last ? static_cast<double>(now - *last) : kNone;
  out[kDeviations] = deviations(event.cents, totals);
  out[kNewTerminal] = event.terminal != 0 && visits == 0 ? 1 : 0;
  out[kTerminalVisits] = event.terminal != 0 ? static_cast<double>(visits) : 0;
  out[kNewCountry] = event.country != 0 && !country_known ? 1 : 0;
  const std::int64_t month = now - kLongestWindow;
  out[kIncomplete] = past.let_go_until() > std::max(month, horizon) || month < horizon ? 1 : 0;
  write_calendar(event.time, out);
}

}  // namespace vigie::history
