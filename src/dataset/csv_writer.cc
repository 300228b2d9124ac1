#include <algorithm>
#include <cmath>
#include <utility>

#include "base/number.h"
#include "dataset/csv.h"

namespace vigie::dataset {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 18;

const MissingTokens& usual_missing() {
  static const MissingTokens tokens;
  return tokens;
}

void append_quoted(std::string& out, std::string_view value) {
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void append_csv_field(std::string& out, std::string_view value, char delimiter) {
  const bool plain =
      std::ranges::none_of(value, [delimiter](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; });
  if (plain) {
    out += value;
  } else {
    append_quoted(out, value);
  }
}

CsvWriter::CsvWriter(ByteSink sink, std::string name, char delimiter)
    : sink_(std::move(sink)), name_(std::move(name)), delimiter_(delimiter) {}

Result<CsvWriter> CsvWriter::create(const std::filesystem::path& path, std::span<const std::string> header,
                                    char delimiter) {
  CsvWriter writer(VIGIE_TRY(ByteSink::create(path)), path.native(), delimiter);
  for (const auto& name : header) {
    writer.begin_field();
    append_csv_field(writer.buffer_, name, delimiter);
  }
  VIGIE_TRY(writer.end_row());
  writer.rows_ = 0;
  return writer;
}

void CsvWriter::begin_field() {
  if (in_row_) buffer_ += delimiter_;
  in_row_ = true;
}

void CsvWriter::text(std::string_view value) {
  begin_field();
  if (usual_missing().contains(trim_spaces(value))) {
    append_quoted(buffer_, value);
  } else {
    append_csv_field(buffer_, value, delimiter_);
  }
}

void CsvWriter::number(double value) {
  begin_field();
  if (std::isnan(value)) return;
  infinite_ = infinite_ || std::isinf(value);
  append_double(buffer_, value);
}

void CsvWriter::integer(std::int64_t value) {
  begin_field();
  buffer_ += std::to_string(value);
}

void CsvWriter::missing() { begin_field(); }

void CsvWriter::raw(std::string_view fields) {
  begin_field();
  buffer_ += fields;
}

Status CsvWriter::end_row() {
  ++rows_;
  if (infinite_) {
    return fail(Code::kInvalidData, "row " + std::to_string(rows_) + " to be written holds an infinite number",
                {.file = name_}, "remove or replace it first");
  }
  buffer_ += '\n';
  in_row_ = false;
  if (buffer_.size() < kFlushBytes) return {};
  VIGIE_TRY(sink_.write(buffer_));
  buffer_.clear();
  return {};
}

Status CsvWriter::commit() {
  VIGIE_TRY(sink_.write(buffer_));
  buffer_.clear();
  return sink_.commit();
}

Status write_csv(const Table& table, const std::filesystem::path& path, char delimiter) {
  std::vector<std::string> header;
  for (const auto& column : table.columns()) header.push_back(column.name());
  auto writer = VIGIE_TRY(CsvWriter::create(path, header, delimiter));
  std::string text;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (const auto& column : table.columns()) {
      if (column.missing(row)) {
        writer.missing();
        continue;
      }
      switch (column.type()) {
        case ColumnType::kNumber: writer.number(column.numbers()[row]); break;
        case ColumnType::kInteger: writer.integer(column.integers()[row]); break;
        case ColumnType::kText: writer.text(column.text().at(row)); break;
        case ColumnType::kTimestamp:
          text.clear();
          column.append_text(row, text);
          writer.raw(text);
          break;
      }
    }
    VIGIE_TRY(writer.end_row());
  }
  return writer.commit();
}

}  // namespace vigie::dataset
