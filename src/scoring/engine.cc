#include "scoring/engine.h"

#include <vector>

#include "scoring/kernels.h"

namespace vigie::scoring {

std::string_view to_string(Engine engine) {
  switch (engine) {
    case Engine::kPortable: return "portable";
    case Engine::kAvx512: return "avx512";
  }
  return "portable";
}

std::span<const Engine> supported_engines() {
  static const std::vector<Engine> kEngines = [] {
    std::vector<Engine> engines = {Engine::kPortable};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni")) {
      engines.push_back(Engine::kAvx512);
    }
#endif
    return engines;
  }();
  return kEngines;
}

Engine best_engine() { return supported_engines().back(); }

const Kernels* kernels_of(Engine engine) {
#if defined(__x86_64__)
  if (engine == Engine::kAvx512) return &avx512_kernels();
#endif
  return nullptr;
}

}  // namespace vigie::scoring
