// A small number for each living thread, so that arrays can be indexed by thread.
#pragma once

#include <cstddef>

namespace vigie::telemetry {

inline constexpr std::size_t kThreadSlots = 256;

// In [0, kThreadSlots) and no other living thread's; a thread that ends gives its number to one that comes, which then
// sees all that it wrote. kThreadSlots: all numbers are taken, for as long as this thread lives.
std::size_t thread_slot();

}  // namespace vigie::telemetry
