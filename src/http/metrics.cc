#include "http/metrics.h"

#include <algorithm>
#include <numeric>

namespace vigie::http {
namespace {

constexpr int kFirstStatus = 100;
constexpr int kLastStatus = 599;

constexpr auto kSlotOfStatus = [] {
  std::array<std::uint8_t, kLastStatus - kFirstStatus + 1> slots{};
  slots.fill(kCountedStatuses.size());
  for (std::size_t slot = 0; slot < kCountedStatuses.size(); ++slot) {
    slots[static_cast<std::size_t>(kCountedStatuses[slot] - kFirstStatus)] = static_cast<std::uint8_t>(slot);
  }
  return slots;
}();

constexpr auto kStatusLabels = [] {
  std::array<std::array<char, 3>, kCountedStatuses.size()> labels{};
  for (std::size_t slot = 0; slot < labels.size(); ++slot) {
    const int status = kCountedStatuses[slot];
    labels[slot] = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
                    static_cast<char>('0' + status % 10)};
  }
  return labels;
}();

}  // namespace

std::size_t status_slot(int status) {
  if (status < kFirstStatus || status > kLastStatus) return kCountedStatuses.size();
  return kSlotOfStatus[static_cast<std::size_t>(status - kFirstStatus)];
}

std::string_view status_label(std::size_t slot) {
  if (slot >= kStatusLabels.size()) return "other";
  return {kStatusLabels[slot].data(), kStatusLabels[slot].size()};
}

std::string_view to_string(Stall stall) {
  switch (stall) {
    case Stall::kIdle: return "idle";
    case Stall::kHeader: return "header";
    case Stall::kBody: return "body";
    case Stall::kWrite: return "write";
  }
  return {};
}

std::uint64_t RouteSnapshot::total_requests() const {
  return std::accumulate(requests.begin(), requests.end(), std::uint64_t{0});
}

std::uint64_t ServerSnapshot::total_requests() const {
  std::uint64_t total = 0;
  for (const RouteSnapshot& route : routes) total += route.total_requests();
  return total;
}

std::uint64_t ServerSnapshot::with_status(int status) const {
  std::uint64_t total = 0;
  for (const RouteSnapshot& route : routes) total += route.requests[status_slot(status)];
  return total;
}

std::uint64_t ServerSnapshot::errors() const {
  std::uint64_t total = 0;
  for (const int status : kCountedStatuses) {
    if (status >= 400) total += with_status(status);
  }
  return total;
}

telemetry::HistogramSnapshot ServerSnapshot::duration() const {
  telemetry::HistogramSnapshot all;
  for (const RouteSnapshot& route : routes) all.merge(route.duration);
  return all;
}

LoopMetrics& ServerMetrics::add_loop(const Router& router) {
  const auto routes = router.routes();
  auto loop = std::make_unique<LoopMetrics>(routes.size());
  const std::scoped_lock lock(mutex_);
  if (loops_.empty()) {
    for (const Route* route : routes) routes_.push_back(route->name);
    routes_.emplace_back(kUnmatchedRoute);
  }
  loops_.push_back(std::move(loop));
  return *loops_.back();
}

ServerSnapshot ServerMetrics::snapshot() const {
  const std::scoped_lock lock(mutex_);
  ServerSnapshot all;
  for (const std::string& name : routes_) all.routes.push_back({.name = name});
  for (const auto& loop : loops_) {
    all.open_connections += loop->open_connections.value();
    all.accepted += loop->accepted.value();
    all.refused += loop->refused.value();
    for (std::size_t i = 0; i < kStalls; ++i) all.timed_out[i] += loop->timed_out[i].value();
    all.parse_failures += loop->parse_failures.value();
    all.lag.merge(loop->lag);
    for (std::size_t i = 0; i < all.routes.size(); ++i) {
      const RouteMetrics& counted = loop->routes_[i];
      RouteSnapshot& route = all.routes[i];
      for (std::size_t slot = 0; slot < kStatusSlots; ++slot) route.requests[slot] += counted.requests[slot].value();
      route.bytes_in += counted.bytes_in.value();
      route.bytes_out += counted.bytes_out.value();
      route.duration.merge(counted.duration);
    }
  }
  return all;
}

}  // namespace vigie::http
