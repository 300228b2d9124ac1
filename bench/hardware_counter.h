// Instructions that this thread retires, where the kernel and the machine let them be counted.
#pragma once

#include <cstdint>
#include <optional>

namespace vigie::bench {

class InstructionCounter {
 public:
  InstructionCounter();
  ~InstructionCounter();
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;

  // Since the counter was made; nothing where they cannot be counted (virtual machines often hide the counters).
  std::optional<std::uint64_t> read() const;

 private:
  int descriptor_;
};

}  // namespace vigie::bench
