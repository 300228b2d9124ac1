#include "base/cpu.h"

namespace vigie {

CpuLevel cpu_level() {
#if defined(__x86_64__)
  static const CpuLevel kLevel = [] {
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512vbmi") &&
                        __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bitalg") &&
                        __builtin_cpu_supports("gfni");
    if (avx2 && avx512) return CpuLevel::kAvx512;
    return avx2 ? CpuLevel::kAvx2 : CpuLevel::kBaseline;
  }();
  return kLevel;
#else
  return CpuLevel::kBaseline;
#endif
}

}  // namespace vigie
