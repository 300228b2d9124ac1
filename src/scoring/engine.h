// Which kernels run a forest. All give the same bits; they differ in what they ask of the CPU.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vigie::scoring {

struct Kernels;

enum class Engine : std::uint8_t {
  kPortable,  // any CPU: trees walked node by node, rows side by side
  kAvx2,      // CpuLevel::kAvx2: many rows as below, few as above
  kAvx512,    // CpuLevel::kAvx512
};
std::string_view to_string(Engine engine);  // "portable", "avx2", "avx512"

std::span<const Engine> supported_engines();  // by this CPU, from the slowest to the fastest
Engine best_engine();                         // the last of them

const Kernels* kernels_of(Engine engine);  // null for kPortable

}  // namespace vigie::scoring
