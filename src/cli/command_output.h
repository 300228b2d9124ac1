// What another program prints: for settings whose value a command gives.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace vigie::cli {

// Runs `words` (not empty: a program, found on PATH, and its arguments; there is no shell) with this process's
// environment and folder, an empty stdin and its stderr thrown away, and gives what it wrote to stdout. It and what it
// has started are killed when `time` is over or more than `most_bytes` came. Errors name the program alone, without its
// arguments, its exit status or signal, and nothing that it wrote.
Result<std::string> command_output(const std::vector<std::string>& words, std::chrono::milliseconds time,
                                   std::size_t most_bytes);

}  // namespace vigie::cli
