#include "dataset/bad_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "dataset/csv.h"

namespace vigie::dataset {

namespace {

// The reject file is CSV that can be read again, whatever is in the row: bytes that are no text are spelled out.
std::string spelled_out(std::string_view record) {
  std::string out;
  while (!record.empty()) {
    const std::size_t length = record.front() == '\0' ? 0 : utf8_sequence(record);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(record.front()));
    } else {
      out += record.substr(0, length);
    }
    record.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace

Error to_error(const BadRow& row, const std::string& file) {
  return {Code::kInvalidData,
          row.reason,
          {.file = file, .line = row.at_line, .column = row.column, .field = row.field},
          "correct the row, or set bad rows aside (--rejects FILE)"};
}

RejectFile::RejectFile(std::filesystem::path path) : path_(std::move(path)) {}
RejectFile::RejectFile(RejectFile&&) noexcept = default;
RejectFile::~RejectFile() = default;

Status RejectFile::add(const BadRow& row) {
  ++count_;
  if (path_.empty()) return {};
  if (!writer_) {
    const std::array<std::string, 4> header = {"line", "field", "reason", "record"};
    writer_ = std::make_unique<CsvWriter>(VIGIE_TRY(CsvWriter::create(path_, header)));
  }
  writer_->integer(static_cast<std::int64_t>(row.line));
  if (row.field.empty()) {
    writer_->missing();
  } else {
    writer_->text(row.field);
  }
  writer_->text(row.reason);
  writer_->text(spelled_out(row.record));
  return writer_->end_row();
}

Status RejectFile::commit() { return writer_ ? writer_->commit() : Status(); }

Status put_aside(std::span<const BadRow> bad, const std::string& file, OnBadRow rule, RejectFile& rejects) {
  for (const BadRow& row : bad) {
    if (rule == OnBadRow::kFail) return std::unexpected(to_error(row, file));
    VIGIE_TRY(rejects.add(row));
  }
  return {};
}

}  // namespace vigie::dataset
