// What the CPU that runs us can do beyond what we are compiled for.
#pragma once

#include <cstdint>

namespace vigie {

// Each level includes those before it.
enum class CpuLevel : std::uint8_t {
  kBaseline,
  kAvx2,    // x86-64 with AVX2, BMI2 and FMA: Intel from Haswell, AMD from Zen
  kAvx512,  // and with AVX-512 F, BW, CD, DQ, VL, VBMI, VBMI2, BITALG and GFNI: Intel from Ice Lake, AMD from Zen 4
};

CpuLevel cpu_level();

}  // namespace vigie
