// Blocks of work through three steps on several threads at once, in bounded memory.
//
//   VIGIE_TRY(run_pipeline(threads, {.fill = [&](std::size_t slot) -> Result<bool> { ... },   // read
//                                    .work = [&](std::size_t slot) { ... },                   // parse, score, print
//                                    .drain = [&](std::size_t slot) -> Status { ... }}));     // write
//
// A slot is the caller's memory for one block: pipeline_slots(threads) of them, used again and again. fill and drain
// run one at a time and in the order of blocks, each beside the others; work runs on many blocks at once. When all
// slots are full, filling waits for draining. With one thread everything happens on the caller's, one block after the
// other.
#pragma once

#include <cstddef>
#include <functional>

#include "base/result.h"

namespace vigie {

struct PipelineSteps {
  std::function<Result<bool>(std::size_t slot)> fill;  // false: there are no more blocks
  std::function<void(std::size_t slot)> work;
  std::function<Status(std::size_t slot)> drain;
};

std::size_t pipeline_slots(std::size_t threads);

// Runs until there are no more blocks. The outcome does not depend on threads: blocks before one that cannot be filled
// are drained before that error is returned, and a drain's error ends everything. What a step throws is rethrown here.
Status run_pipeline(std::size_t threads, const PipelineSteps& steps);

}  // namespace vigie
