#include "base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace vigie {

std::size_t thread_count(std::size_t requested) {
  if (requested > 0) return requested;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&allowed)));
  }
  return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t threads, std::size_t count, const std::function<void(std::size_t)>& task) {
  threads = std::min(std::max<std::size_t>(threads, 1), count);
  if (threads <= 1) {
    for (std::size_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto work = [&] {
    try {
      for (std::size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) task(i);
    } catch (...) {
      const std::scoped_lock lock(failure_mutex);
      if (!failure) failure = std::current_exception();
      next.store(count);
    }
  };
  {
    std::vector<std::jthread> pool;
    pool.reserve(threads - 1);
    try {
      for (std::size_t i = 1; i < threads; ++i) pool.emplace_back(work);
    } catch (const std::system_error&) {
      // The system gives no more threads: those that are there do all the work.
    }
    work();
  }
  if (failure) std::rethrow_exception(failure);
}

void parallel_blocks(std::size_t threads, std::size_t count, std::size_t block,
                     const std::function<void(std::size_t, std::size_t)>& task) {
  const std::size_t blocks = (count + block - 1) / block;
  parallel_for(threads, blocks, [&](std::size_t i) { task(i * block, std::min(count, (i + 1) * block)); });
}

}  // namespace vigie
