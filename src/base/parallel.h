// Work on several threads whose result never depends on how many there are: the caller writes result i in task i.
#pragma once

#include <cstddef>
#include <functional>

namespace vigie {

// The number of threads to use when the user asked for `requested` (0: as many as this process may run on).
std::size_t thread_count(std::size_t requested);

// Calls task(i) for every i in [0, count), on up to `threads` threads (the caller's included), in no set order.
// The first exception is rethrown here after all threads have stopped.
void parallel_for(std::size_t threads, std::size_t count, const std::function<void(std::size_t)>& task);

// Calls task(begin, end) for blocks of `block` consecutive indices that cover [0, count).
void parallel_blocks(std::size_t threads, std::size_t count, std::size_t block,
                     const std::function<void(std::size_t, std::size_t)>& task);

}  // namespace vigie
