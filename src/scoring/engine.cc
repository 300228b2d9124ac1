#include "scoring/engine.h"

#include <vector>

#include "base/cpu.h"
#include "scoring/kernels.h"

namespace vigie::scoring {

std::string_view to_string(Engine engine) {
  switch (engine) {
    case Engine::kPortable: return "portable";
    case Engine::kAvx2: return "avx2";
    case Engine::kAvx512: return "avx512";
  }
  return "portable";
}

std::span<const Engine> supported_engines() {
  static const std::vector<Engine> kEngines = [] {
    std::vector<Engine> engines = {Engine::kPortable};
    if (cpu_level() >= CpuLevel::kAvx2) engines.push_back(Engine::kAvx2);
    if (cpu_level() >= CpuLevel::kAvx512) engines.push_back(Engine::kAvx512);
    return engines;
  }();
  return kEngines;
}

Engine best_engine() { return supported_engines().back(); }

const Kernels* kernels_of(Engine engine) {
#if defined(__x86_64__)
  if (engine == Engine::kAvx2) return &avx2_kernels();
  if (engine == Engine::kAvx512) return &avx512_kernels();
#endif
  return nullptr;
}

}  // namespace vigie::scoring
