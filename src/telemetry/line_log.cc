#include "telemetry/line_log.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>

namespace vigie::telemetry {
namespace {

// Between two rounds of writing while lines come, so that one call writes many.
constexpr std::chrono::milliseconds kPause(10);
constexpr std::size_t kLargestWrite = 256 * 1024;
constexpr int kPatience = 20;  // waits in a row for a stream that takes nothing while the log ends
constexpr int kWaitMilliseconds = 100;

bool is_stream(const std::string& to) { return to == "stdout" || to == "stderr"; }

Result<int> open_target(const std::string& to) {
  const int descriptor = is_stream(to) ? ::fcntl(to == "stdout" ? STDOUT_FILENO : STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                                       : ::open(to.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
  if (descriptor < 0) return fail_errno("cannot open the log", to, errno);
  return descriptor;
}

std::uint64_t lines_in(std::string_view bytes) { return static_cast<std::uint64_t>(std::ranges::count(bytes, '\n')); }

}  // namespace

LineLog::Lane::Lane(LineLog& log)
    : log_(log),
      size_(log.options_.lane_bytes),
      bytes_(std::make_unique_for_overwrite<char[]>(log.options_.lane_bytes)) {
  assert((size_ & (size_ - 1)) == 0);
}

std::size_t LineLog::Lane::waiting() const {
  return static_cast<std::size_t>(end_.load() - begin_.load(std::memory_order_relaxed));
}

bool LineLog::Lane::put(std::string_view line) {
  const std::uint64_t end = end_.load(std::memory_order_relaxed);
  const auto used = static_cast<std::size_t>(end - begin_.load(std::memory_order_acquire));
  if (line.size() > size_ - used) {
    dropped_.add();
    return false;
  }
  const std::size_t at = static_cast<std::size_t>(end) & (size_ - 1);
  const std::size_t first = std::min(line.size(), size_ - at);
  std::memcpy(bytes_.get() + at, line.data(), first);
  std::memcpy(bytes_.get(), line.data() + first, line.size() - first);
  // Sequentially consistent, as what the writing thread does before it sleeps: either it sees the line, or this sees it
  // asleep.
  end_.store(end + line.size());
  if (log_.asleep_.load() != 0) log_.wake();
  return true;
}

Result<std::unique_ptr<LineLog>> LineLog::open(LineLogOptions options) {
  const int descriptor = VIGIE_TRY(open_target(options.to));
  return std::unique_ptr<LineLog>(new LineLog(std::move(options), descriptor));
}

LineLog::LineLog(LineLogOptions options, int descriptor) : options_(std::move(options)) {
  settle(descriptor);
  // Signals are for other threads, and a reader that has gone is an error like others.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::jthread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineLog::~LineLog() {
  stopping_ = true;
  wake();
  thread_.join();
  for (const int open : {descriptor_, next_descriptor_.load()}) {
    if (open >= 0) ::close(open);
  }
}

LineLog::Lane& LineLog::add_lane() {
  std::unique_ptr<Lane> lane(new Lane(*this));
  const std::scoped_lock lock(mutex_);
  lanes_.push_back(std::move(lane));
  return *lanes_.back();
}

Status LineLog::reopen() {
  if (is_stream(options_.to)) return {};
  const int opened = VIGIE_TRY(open_target(options_.to));
  const int unused = next_descriptor_.exchange(opened);
  if (unused >= 0) ::close(unused);
  wake();
  return {};
}

LineLog::Totals LineLog::totals() const {
  Totals all{.written = written_.value(), .failed = failed_.value()};
  const std::scoped_lock lock(mutex_);
  for (const auto& lane : lanes_) all.dropped += lane->dropped_.value();
  return all;
}

void LineLog::wake() {
  if (asleep_.exchange(0) != 0) asleep_.notify_one();
}

void LineLog::run() {
  while (true) {
    const bool last = stopping_;  // before the lanes are looked at: nothing is put after it was set
    take_descriptor();
    if (drain()) {
      if (!last) std::this_thread::sleep_for(kPause);
      continue;
    }
    if (last) return;
    asleep_ = 1;
    const bool idle =
        std::ranges::all_of(turn_, [](const Lane* lane) { return lane->waiting() == 0; }) && next_descriptor_ < 0;
    if (idle && !stopping_) asleep_.wait(1);
    asleep_ = 0;
  }
}

// false: nothing waited.
bool LineLog::drain() {
  {
    const std::scoped_lock lock(mutex_);
    turn_.clear();
    for (const auto& lane : lanes_) turn_.push_back(lane.get());
  }
  bool any = false;
  for (Lane* const lane : turn_) {
    if (lane->waiting() == 0) continue;
    any = true;
    drain(*lane);
  }
  return any;
}

void LineLog::drain(Lane& lane) {
  std::uint64_t begin = lane.begin_.load(std::memory_order_relaxed);
  const std::uint64_t end = lane.end_.load();  // whole lines
  bool good = true;
  while (begin < end) {
    const std::size_t at = static_cast<std::size_t>(begin) & (lane.size_ - 1);
    const std::size_t most = good ? kLargestWrite : lane.size_;
    const std::size_t size = std::min({static_cast<std::size_t>(end - begin), lane.size_ - at, most});
    const std::string_view piece(lane.bytes_.get() + at, size);
    const std::size_t written = good ? write(piece) : 0;
    good = written == size;
    written_.add(lines_in(piece.substr(0, written)));
    failed_.add(lines_in(piece.substr(written)));
    begin += size;
    lane.begin_.store(begin, std::memory_order_release);
  }
}

// How many bytes were written: fewer where it fails.
std::size_t LineLog::write(std::string_view bytes) {
  if (stuck_ || (cut_ && write_whole("\n") == 0)) return 0;
  cut_ = false;
  return write_whole(bytes);
}

std::size_t LineLog::write_whole(std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    // A pipe that is ready takes as much as this without waiting (POSIX, PIPE_BUF).
    const std::size_t most = regular_ ? bytes.size() : PIPE_BUF;
    ssize_t written = -1;
    errno = ETIMEDOUT;
    if (regular_ || wait_for_room()) {
      written = ::write(descriptor_, bytes.data() + done, std::min(bytes.size() - done, most));
      if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    }
    if (written < 0) {
      const int error = errno;
      cut_ = within_line_;
      failed(error);
      break;
    }
    done += static_cast<std::size_t>(written);
    if (done > 0) within_line_ = bytes[done - 1] != '\n';
  }
  return done;
}

// false: the log ends, and this stream has taken nothing for too long.
bool LineLog::wait_for_room() {
  for (int waits = 0; waits < kPatience;) {
    pollfd stream{descriptor_, POLLOUT, 0};
    if (::poll(&stream, 1, kWaitMilliseconds) != 0) return true;  // an error is write()'s to tell
    if (stopping_) ++waits;
  }
  stuck_ = true;
  return false;
}

void LineLog::failed(int error_number) {
  if (std::exchange(told_, true) || !options_.on_failure) return;
  options_.on_failure(fail_errno("cannot write the log", options_.to, error_number).error());
}

void LineLog::take_descriptor() {
  const int next = next_descriptor_.exchange(-1);
  if (next < 0) return;
  ::close(descriptor_);
  settle(next);
}

void LineLog::settle(int descriptor) {
  descriptor_ = descriptor;
  struct stat info{};
  regular_ = ::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  told_ = cut_ = within_line_ = false;
}

}  // namespace vigie::telemetry
