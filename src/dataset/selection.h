// Which columns of a file are read, and as what.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/read.h"

namespace vigie::dataset {

struct Selected {
  std::size_t index;                 // in the file
  std::optional<ColumnType> type{};  // not known yet where it is to be guessed
  bool given = false;                // by the caller
};

// The columns that `options` ask for out of `names`. A name that the file lacks is an error that lists all of them.
Result<std::vector<Selected>> select_columns(std::span<const std::string> names, const ReadOptions& options,
                                             const std::string& file);

}  // namespace vigie::dataset
