// Rows that cannot be used, and the file they are put aside in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace vigie::dataset {

enum class OnBadRow : std::uint8_t {
  kFail,    // the first bad row is the error of the whole work
  kReject,  // bad rows are set aside with the reason, the others go on
};

struct BadRow {
  std::uint64_t line = 0;     // physical line on which the record begins
  std::uint64_t at_line = 0;  // physical line of the cell (differs from `line` after a newline in quotes)
  std::uint64_t column = 0;   // character in that line, from 1; 0 where the whole row is meant
  std::string field{};        // empty where the whole row is meant
  std::string reason{};
  std::string record{};  // as it stands in the file, without the line's end
};

// The error that a bad row is with OnBadRow::kFail.
Error to_error(const BadRow& row, const std::string& file);

// A CSV file with the columns line,field,reason,record, created with its first row: no bad row, no file.
//
//   RejectFile rejects(path);
//   VIGIE_TRY(rejects.add(row)); ...
//   VIGIE_TRY(rejects.commit());
//
// Without commit() nothing is left. Rows are written in the order they are added. One thread.
class CsvWriter;
class RejectFile {
 public:
  explicit RejectFile(std::filesystem::path path);  // an empty path: rows are only counted
  RejectFile(RejectFile&&) noexcept;
  ~RejectFile();

  Status add(const BadRow& row);
  Status commit();
  std::uint64_t count() const { return count_; }

 private:
  std::filesystem::path path_;
  std::unique_ptr<CsvWriter> writer_;
  std::uint64_t count_ = 0;
};

// Sets bad rows aside, or makes the first one the error.
Status put_aside(std::span<const BadRow> bad, const std::string& file, OnBadRow rule, RejectFile& rejects);

}  // namespace vigie::dataset
