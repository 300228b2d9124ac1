// The transactions of one client that are kept, and the features they give.
//
// Kept are the newest kMostEvents by (time, id) of those that can still be in somebody's window. Sums are of whole
// cents, so what comes out depends on which events are kept and not on the order they came in.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>

#include "domain/event.h"
#include "history/feature.h"

namespace vigie::history {

inline constexpr std::size_t kMostEvents = 512;

// 24 bytes, as they are in memory and in a snapshot (docs/history.md).
struct KeptEvent {
  std::uint64_t id;
  std::uint32_t time;
  std::uint32_t terminal;  // terminal_mark()
  std::uint64_t cents : 48;
  std::uint64_t country : 12;
  std::uint64_t type : 4;
  bool operator==(const KeptEvent&) const = default;
};
static_assert(sizeof(KeptEvent) == 24);

// 32 bits of a terminal's key that tell one client's terminals apart; 0 for none.
constexpr std::uint32_t terminal_mark(std::uint64_t terminal) {
  const auto low = static_cast<std::uint32_t>(terminal);
  return terminal != 0 && low == 0 ? 1 : low;
}

KeptEvent kept(const domain::Event& event);

// By time, and by id among the events of one second.
constexpr bool before(const KeptEvent& a, const KeptEvent& b) {
  return a.time != b.time ? a.time < b.time : a.id < b.id;
}

// Not for several threads at once.
class ClientPast {
 public:
  std::span<const KeptEvent> events() const { return {events_.get(), size_}; }  // ascending
  // The latest time of an event that was let go because there were kMostEvents newer ones; 0 for none.
  std::uint32_t let_go_until() const { return let_go_until_; }

  // Where the event with this id is kept, unless its time is not after `horizon`.
  std::optional<std::size_t> find(std::uint64_t id, std::int64_t horizon) const;
  // The event is not kept yet and after `horizon`: what is not after it may be given up.
  void add(const KeptEvent& event, std::int64_t horizon);

  // For snapshots: `events` ascend and are at most kMostEvents.
  void restore(std::span<const KeptEvent> events, std::uint32_t let_go_until);

  std::size_t bytes() const { return capacity_ * sizeof(KeptEvent); }  // beyond the object's own

 private:
  void drop_expired(std::int64_t horizon);
  void reallocate(std::size_t capacity);

  std::unique_ptr<KeptEvent[]> events_;
  std::uint16_t size_ = 0;
  std::uint16_t capacity_ = 0;
  std::uint32_t let_go_until_ = 0;
};
static_assert(sizeof(ClientPast) == 16);

// The client's features of `event`, and those of the event alone, into their places. What is not after `horizon` and
// the event at place `itself` are not looked at, nor is what happened after the event.
void write_client_features(const domain::Event& event, const ClientPast& past, std::int64_t horizon,
                           std::optional<std::size_t> itself, FeatureRow out);

}  // namespace vigie::history
