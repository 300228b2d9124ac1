// NDJSON in and out: one JSON object a line, one line a row. Fields become columns in order of first appearance; null
// and absent are missing; true and false are 1 and 0; text in a number column is read by the rules of cell.h. Objects
// and arrays as values are refused.
#pragma once

#include <filesystem>
#include <memory>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/bytes.h"
#include "dataset/read.h"
#include "dataset/table.h"

namespace vigie::dataset {

Result<Reading> read_ndjson(const std::filesystem::path& path, const ReadOptions& options = {},
                            Progress& progress = no_progress());
Result<Reading> read_ndjson(std::unique_ptr<ByteSource> source, const ReadOptions& options = {},
                            Progress& progress = no_progress());

// Missing values are left out of their line; infinity is an error; moments are RFC 3339 text. Compressed by suffix.
Status write_ndjson(const Table& table, const std::filesystem::path& path);

}  // namespace vigie::dataset
