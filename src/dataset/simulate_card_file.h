// Simulated card transactions straight to a file, in constant memory: about 20 MB a thread, whatever the rows.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/simulate_card.h"

namespace vigie::dataset {

struct SimulatedFile {
  std::uint64_t rows = 0;
  std::uint64_t frauds = 0;
};

// CSV, or NDJSON where the name says so (.ndjson, .jsonl), compressed by a .gz/.xz/.zst suffix; whole or not at all.
// The bytes do not depend on `threads` (0: as many as the process may use). rows >= 1.
Result<SimulatedFile> write_simulated_cards(const CardSimulation& options, std::uint64_t rows,
                                            const std::filesystem::path& path, std::size_t threads = 0,
                                            Progress& progress = no_progress());

}  // namespace vigie::dataset
