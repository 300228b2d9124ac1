// What a run counts. Each thread has a Recorder; Figures are all of them together.
//
// A request belongs to the measured part if it was due (closed loop: sent) within it, whenever its answer came.
// Latencies are those of good answers (status below 400), for a quick refusal is no service. Throughput counts the good
// answers that came within the part.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/load_plan.h"
#include "telemetry/histogram.h"

namespace vigie::load {

// Why a request has no answer.
enum class Failure : std::uint8_t {
  kConnect,    // no connection could be made; counts attempts, not requests
  kClosed,     // the server ended the connection first
  kReset,      // the connection broke
  kTimeout,    // nothing, or not all of it, in time; a connection that took too long as well
  kBadAnswer,  // what came is no HTTP answer, or one that nobody asked for
  kNotSent,    // due in an open loop, but every connection was busy until the end
};
inline constexpr std::size_t kFailures = 6;
std::string_view to_string(Failure failure);  // "connect", ...

inline constexpr std::size_t kStatuses = 600;

// A second of the run, or a stage of it.
struct Slot {
  std::uint64_t good = 0;    // that came in it
  std::uint64_t failed = 0;  // refusals (400 and above) and failures that came in it
  telemetry::HistogramSnapshot
      latency{};  // of good answers: a second's by when they came, a stage's by when they were due
};

struct RouteFigures {
  std::array<std::uint64_t, kStatuses> statuses{};  // measured answers by status
  telemetry::HistogramSnapshot latency{};

  std::uint64_t answers() const;
};

struct Figures {
  std::array<RouteFigures, kRoutes> routes{};
  std::array<std::uint64_t, kFailures> failures{};
  std::vector<Slot> seconds;
  std::vector<Slot> stages;
  telemetry::HistogramSnapshot latency{};
  Nanoseconds largest = 0;       // the longest latency, exact
  Nanoseconds measured = 0;      // how long the measured part was
  std::uint64_t sent = 0;        // requests of the whole run, warm-up included
  std::uint64_t answered = 0;    // answers of the whole run, whatever their status
  std::uint64_t bytes_sent = 0;  // of the whole run
  std::uint64_t bytes_received = 0;
  std::uint64_t connections = 0;    // made, of the whole run
  std::uint64_t reconnections = 0;  // of them, those that took the place of a lost one
  double generator_seconds = 0;     // processor time that the busiest thread took
  double wall_seconds = 0;          // the whole run
  std::string bad_answer{};         // what was wrong with the first bad one

  std::uint64_t good() const;     // measured answers with a status below 400
  std::uint64_t refused() const;  // with one of 400 and above
  std::uint64_t failed() const;   // measured requests without an answer
  double per_second() const;      // good answers that came in the measured part
  // Whether this program, and not the server, may have been the limit.
  bool generator_busy() const { return generator_seconds > 0.9 * wall_seconds; }
};

class Recorder {
 public:
  explicit Recorder(const LoadPlan& plan);

  // Times are nanoseconds since the start of the warm-up.
  void sent(std::uint64_t bytes) {
    ++sent_;
    bytes_sent_ += bytes;
  }
  void answer(Route route, int status, Nanoseconds due, Nanoseconds now);
  void failure(Failure failure, Nanoseconds due, Nanoseconds now);
  void received(std::uint64_t bytes) { bytes_received_ += bytes; }
  void connected(bool again);
  void bad_answer(std::string_view why);
  void generator_took(double seconds) { generator_seconds_ = seconds; }

  // Good answers so far; any thread may ask.
  std::uint64_t answered() const { return answered_.value(); }
  void add_to(Figures& figures) const;  // once the thread has ended

 private:
  struct Counts {
    telemetry::Histogram latency;
    std::uint64_t good = 0;
    std::uint64_t failed = 0;
  };
  bool measures(Nanoseconds due) const { return due >= begin_ && due < end_; }
  Counts* second_at(Nanoseconds time);
  Counts* stage_at(Nanoseconds time);

  Nanoseconds begin_;
  Nanoseconds end_;
  std::vector<Nanoseconds> stage_ends_;
  std::size_t second_count_;
  std::unique_ptr<Counts[]> seconds_;
  std::unique_ptr<Counts[]> stages_;
  std::array<telemetry::Histogram, kRoutes> latency_;
  std::array<std::array<std::uint64_t, kStatuses>, kRoutes> statuses_{};
  std::array<std::uint64_t, kFailures> failures_{};
  Nanoseconds largest_ = 0;
  std::uint64_t sent_ = 0;
  telemetry::Counter answered_;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t connections_ = 0;
  std::uint64_t reconnections_ = 0;
  double generator_seconds_ = 0;
  std::string bad_answer_;
};

}  // namespace vigie::load
