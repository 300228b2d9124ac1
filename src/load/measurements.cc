#include "load/measurements.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace vigie::load {
namespace {

constexpr int kFirstRefusal = 400;

std::uint64_t sum_of(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

template <typename Count>
std::uint64_t over_routes(const std::array<RouteFigures, kRoutes>& routes, Count count) {
  std::uint64_t sum = 0;
  for (const RouteFigures& route : routes) sum += count(std::span(route.statuses));
  return sum;
}

}  // namespace

std::string_view to_string(Failure failure) {
  constexpr std::array<std::string_view, kFailures> kNames{"connect", "closed",     "reset",
                                                           "timeout", "bad_answer", "not_sent"};
  return kNames[static_cast<std::size_t>(failure)];
}

std::uint64_t RouteFigures::answers() const { return sum_of(statuses); }

std::uint64_t Figures::good() const {
  return over_routes(routes, [](auto statuses) { return sum_of(statuses.first(kFirstRefusal)); });
}
std::uint64_t Figures::refused() const {
  return over_routes(routes, [](auto statuses) { return sum_of(statuses.subspan(kFirstRefusal)); });
}
std::uint64_t Figures::failed() const { return sum_of(failures); }

double Figures::per_second() const {
  std::uint64_t good = 0;
  for (const Slot& stage : stages) good += stage.good;
  return measured == 0 ? 0 : static_cast<double>(good) * static_cast<double>(kSecond) / static_cast<double>(measured);
}

Recorder::Recorder(const LoadPlan& plan)
    : begin_(plan.warmup),
      end_(plan.warmup + plan.length()),
      second_count_(static_cast<std::size_t>((plan.length() + kSecond - 1) / kSecond)),
      seconds_(std::make_unique<Counts[]>(second_count_)),
      stages_(std::make_unique<Counts[]>(plan.stages.size())) {
  Nanoseconds at = begin_;
  for (const Stage& stage : plan.stages) stage_ends_.push_back(at += stage.length);
}

Recorder::Counts* Recorder::second_at(Nanoseconds time) {
  return measures(time) ? &seconds_[static_cast<std::size_t>((time - begin_) / kSecond)] : nullptr;
}

Recorder::Counts* Recorder::stage_at(Nanoseconds time) {
  if (!measures(time)) return nullptr;
  const auto stage = std::upper_bound(stage_ends_.begin(), stage_ends_.end(), time);
  return &stages_[static_cast<std::size_t>(stage - stage_ends_.begin())];
}

void Recorder::answer(Route route, int status, Nanoseconds due, Nanoseconds now) {
  assert(status >= 0 && status < static_cast<int>(kStatuses));
  answered_.add();
  const bool good = status < kFirstRefusal;
  const Nanoseconds took = now > due ? now - due : 0;
  if (Counts* const second = second_at(now)) {
    if (good) second->latency.record(took);
    ++(good ? second->good : second->failed);
    Counts* const stage = stage_at(now);
    ++(good ? stage->good : stage->failed);
  }
  if (!measures(due)) return;
  const auto index = static_cast<std::size_t>(route);
  ++statuses_[index][static_cast<std::size_t>(status)];
  if (!good) return;
  latency_[index].record(took);
  if (stage_ends_.size() > 1) stage_at(due)->latency.record(took);
  largest_ = std::max(largest_, took);
}

void Recorder::failure(Failure failure, Nanoseconds due, Nanoseconds now) {
  if (Counts* const second = second_at(now)) {
    ++second->failed;
    ++stage_at(now)->failed;
  }
  if (measures(due)) ++failures_[static_cast<std::size_t>(failure)];
}

void Recorder::connected(bool again) {
  ++connections_;
  if (again) ++reconnections_;
}

void Recorder::bad_answer(std::string_view why) {
  if (bad_answer_.empty()) bad_answer_ = why;
}

void Recorder::add_to(Figures& figures) const {
  figures.seconds.resize(second_count_);
  figures.stages.resize(stage_ends_.size());
  figures.measured = end_ - begin_;
  const auto merge = [](Slot& slot, const Counts& counts) {
    slot.good += counts.good;
    slot.failed += counts.failed;
    slot.latency.merge(counts.latency);
  };
  for (std::size_t i = 0; i < second_count_; ++i) merge(figures.seconds[i], seconds_[i]);
  for (std::size_t i = 0; i < stage_ends_.size(); ++i) merge(figures.stages[i], stages_[i]);
  for (std::size_t i = 0; i < kRoutes; ++i) {
    for (std::size_t k = 0; k < kStatuses; ++k) figures.routes[i].statuses[k] += statuses_[i][k];
    figures.routes[i].latency.merge(latency_[i]);
    figures.latency.merge(latency_[i]);
    // A run of one stage records its latencies once.
    if (stage_ends_.size() == 1) figures.stages[0].latency.merge(latency_[i]);
  }
  for (std::size_t i = 0; i < kFailures; ++i) figures.failures[i] += failures_[i];
  figures.largest = std::max(figures.largest, largest_);
  figures.sent += sent_;
  figures.answered += answered_.value();
  figures.bytes_sent += bytes_sent_;
  figures.bytes_received += bytes_received_;
  figures.connections += connections_;
  figures.reconnections += reconnections_;
  figures.generator_seconds = std::max(figures.generator_seconds, generator_seconds_);
  if (figures.bad_answer.empty()) figures.bad_answer = bad_answer_;
}

}  // namespace vigie::load
