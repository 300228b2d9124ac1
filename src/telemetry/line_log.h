// Lines from several threads into one file or stream, written by a thread of its own: whoever says a line never waits.
// What does not fit is dropped and counted.
//
//   auto log = VIGIE_TRY(LineLog::open({.to = "/var/log/vigie/access.log"}));
//   LineLog::Lane& lane = log->add_lane();   // one for each thread that says something
//   lane.put("{...}\n");
//   log->reopen();                           // after the file was moved away, as logrotate does
//
// Lines of one lane stay in order. Those of several are mixed, never cut.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "telemetry/metric.h"

namespace vigie::telemetry {

struct LineLogOptions {
  std::string to;  // "stdout", "stderr", or a file's path: made with mode 0640, and appended to
  std::size_t lane_bytes = std::size_t{1} << 20;  // a power of two; lines of one lane that wait to be written
  // On the writing thread, for the first write that fails since the file was opened; the lines are lost, and counted.
  std::function<void(const Error&)> on_failure{};
};

class LineLog {
 public:
  class Lane;

  static Result<std::unique_ptr<LineLog>> open(LineLogOptions options);
  ~LineLog();  // writes what waits; to a stream that takes nothing, for at most two seconds
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;

  Lane& add_lane();  // lives as long as this object; any thread

  // The file is opened by its path again, for lines to come; an error leaves it as it was. Nothing for streams. Any
  // thread.
  Status reopen();

  struct Totals {
    std::uint64_t written = 0;
    std::uint64_t dropped = 0;  // the lane was full
    std::uint64_t failed = 0;   // to write
  };
  Totals totals() const;  // lines; any thread

 private:
  LineLog(LineLogOptions options, int descriptor);

  void wake();
  void run();
  bool drain();
  void drain(Lane& lane);
  std::size_t write(std::string_view bytes);
  std::size_t write_whole(std::string_view bytes);
  bool wait_for_room();
  void take_descriptor();
  void settle(int descriptor);
  void failed(int error_number);

  const LineLogOptions options_;
  std::atomic<int> next_descriptor_{-1};  // opened again, and not yet used
  std::atomic<std::uint32_t> asleep_{0};  // the writing thread, until somebody sets it to 0
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;  // of the list
  std::vector<std::unique_ptr<Lane>> lanes_;

  // The writing thread's own.
  int descriptor_ = -1;
  bool regular_ = false;
  bool told_ = false;         // that writing fails
  bool within_line_ = false;  // the last byte written is no line end
  bool cut_ = false;          // and what follows it is lost
  bool stuck_ = false;        // while stopping: the stream takes nothing
  std::vector<Lane*> turn_;
  Counter written_;
  Counter failed_;
  std::jthread thread_;  // last: it uses all the others
};

// A ring of bytes between one thread and the one that writes.
class LineLog::Lane {
 public:
  // `line` ends with a line end. false: there was no room, and it is dropped.
  bool put(std::string_view line);

 private:
  friend class LineLog;
  explicit Lane(LineLog& log);
  std::size_t waiting() const;

  LineLog& log_;
  const std::size_t size_;
  const std::unique_ptr<char[]> bytes_;
  Counter dropped_;
  alignas(kWriterAlignment) std::atomic<std::uint64_t> end_{0};    // bytes put since the start
  alignas(kWriterAlignment) std::atomic<std::uint64_t> begin_{0};  // and taken
};

}  // namespace vigie::telemetry
