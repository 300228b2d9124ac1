#include "load/load_client.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "base/number.h"
#include "load/load_thread.h"

namespace vigie::load {
namespace {

using std::chrono::steady_clock;

// As many descriptors as the connections need, and some for what else is open.
Status allow_connections(std::uint32_t connections) {
  const rlim_t wanted = connections + 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  if (limit.rlim_cur >= wanted) return {};
  if (limit.rlim_max >= wanted) {
    limit.rlim_cur = wanted;
    if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  }
  return fail(Code::kResourceExhausted,
              "this process may not have " + with_thousands(connections) + " connections (limit of open files " +
                  with_thousands(limit.rlim_max) + ")",
              {.field = "--connections"}, "give fewer, or raise the limit: ulimit -n " + std::to_string(wanted));
}

// The answers to come, as far as can be told.
class Watch {
 public:
  Watch(const LoadPlan& plan, steady_clock::time_point start, Progress& progress)
      : plan_(plan), start_(start), progress_(progress) {
    const std::uint64_t due = plan.open_loop() ? Schedule(plan).count() : 0;
    progress_.begin("load", due, "requests");
  }
  void advance_to(std::uint64_t answered) {
    if (!plan_.open_loop()) {
      const std::chrono::duration<double> since = steady_clock::now() - start_;
      const double whole = static_cast<double>(plan_.warmup + plan_.length()) / static_cast<double>(kSecond);
      const double share = std::min(1.0, since.count() / whole);
      if (share > 0.01) progress_.set_total(static_cast<std::uint64_t>(static_cast<double>(answered) / share));
    }
    progress_.advance_to(answered);
  }

 private:
  const LoadPlan& plan_;
  steady_clock::time_point start_;
  Progress& progress_;
};

}  // namespace

Result<Figures> run_load(const LoadPlan& plan, const Target& target, std::span<const Request> requests,
                         const std::atomic<bool>& stop, Progress& progress) {
  VIGIE_TRY(check(plan));
  VIGIE_TRY(allow_connections(plan.connections));
  const auto start = steady_clock::now();
  std::vector<std::unique_ptr<LoadThread>> shares;
  for (std::uint32_t i = 0; i < plan.threads; ++i) {
    const std::uint32_t connections = plan.connections / plan.threads + (i < plan.connections % plan.threads ? 1 : 0);
    shares.push_back(std::make_unique<LoadThread>(
        plan, target, requests, LoadShare{.thread = i, .connections = connections, .start = start}, stop));
  }
  Watch watch(plan, start, progress);
  std::atomic<std::size_t> running = shares.size();
  const auto answered = [&] {
    std::uint64_t sum = 0;
    for (const auto& share : shares) sum += share->recorder().answered();
    return sum;
  };
  {
    std::vector<std::jthread> threads;
    for (const auto& share : shares) {
      threads.emplace_back([&running, &share] {
        share->run();
        running.fetch_sub(1);
      });
    }
    while (running.load() > 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      watch.advance_to(answered());
    }
  }
  Figures figures;
  figures.wall_seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
  for (const auto& share : shares) share->recorder().add_to(figures);
  if (stop.load()) {
    const double measured = figures.wall_seconds - static_cast<double>(plan.warmup) / static_cast<double>(kSecond);
    figures.measured = std::min(figures.measured, static_cast<Nanoseconds>(std::max(0.0, measured) * 1e9));
    figures.seconds.resize(std::min(figures.seconds.size(), static_cast<std::size_t>(figures.measured / kSecond) + 1));
  }
  watch.advance_to(figures.answered);
  progress.end();
  if (figures.answered == 0) {
    std::string reason;
    for (std::size_t i = 0; i < kFailures; ++i) {
      if (figures.failures[i] == 0) continue;
      reason += (reason.empty() ? ": " : ", ") + with_thousands(figures.failures[i]) + " " +
                std::string(to_string(static_cast<Failure>(i)));
    }
    if (!figures.bad_answer.empty()) reason += " (" + figures.bad_answer + ")";
    return fail(Code::kUnavailable, "no answer came from " + target.url + reason, {.field = "--url"},
                "see that an HTTP server listens there, and give a longer --timeout if it is slow");
  }
  return figures;
}

}  // namespace vigie::load
