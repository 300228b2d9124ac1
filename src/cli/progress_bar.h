// Progress for people: a bar with rate and time left on a terminal, plain lines elsewhere.
#pragma once

#include <cstdio>
#include <memory>

#include "base/progress.h"

namespace vigie::cli {

// One line, redrawn at most ten times a second. `columns`: the terminal's width.
std::unique_ptr<Progress> make_progress_bar(std::FILE* out, int columns);

// A line when a step ends, and one every ten seconds while it runs.
std::unique_ptr<Progress> make_progress_lines(std::FILE* out);

}  // namespace vigie::cli
