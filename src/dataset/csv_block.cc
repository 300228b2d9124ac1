#include <algorithm>
#include <cassert>

#include "base/number.h"
#include "dataset/csv.h"
#include "dataset/record_cutter.h"

namespace vigie::dataset {

std::optional<std::size_t> CsvHeader::find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

// As it stands in the file; the last field without the CR of a CRLF.
std::string_view CsvBlock::raw_field(std::size_t row, std::size_t column) const {
  const Row& at = rows_[row];
  const std::size_t begin = column == 0 ? at.begin : structure_.marks[at.first_end + column - 1] + 1;
  std::size_t end = structure_.marks[at.first_end + column];
  if (column + 1 == header_->names.size() && end > begin && bytes_[end - 1] == '\r') --end;
  return {bytes_.data() + begin, end - begin};
}

std::string_view CsvBlock::record(std::size_t row) const {
  const Row& at = rows_[row];
  std::string_view text =
      bytes_.substr(at.begin, structure_.marks[at.first_end + header_->names.size() - 1] - at.begin);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

bool CsvBlock::quoted(std::size_t row, std::size_t column) const { return raw_field(row, column).starts_with('"'); }

std::string_view CsvBlock::field(std::size_t row, std::size_t column) const {
  const std::string_view raw = raw_field(row, column);
  if (!raw.starts_with('"')) return raw;
  if (!unescaped_.empty()) {
    const std::uint32_t index = rows_[row].first_end + static_cast<std::uint32_t>(column);
    const auto found = std::ranges::lower_bound(unescaped_, index, {}, &std::pair<std::uint32_t, std::string>::first);
    if (found != unescaped_.end() && found->first == index) return found->second;
  }
  return raw.substr(1, raw.size() - 2);
}

BadRow CsvBlock::bad_cell(std::size_t row, std::size_t column, std::string reason) const {
  const std::string_view text = record(row);
  const std::string_view before = text.substr(0, static_cast<std::size_t>(raw_field(row, column).data() - text.data()));
  const std::size_t feed = before.rfind('\n');
  return {.line = line(row),
          .at_line = line(row) + static_cast<std::uint64_t>(std::ranges::count(before, '\n')),
          .column = characters(before.substr(feed == std::string_view::npos ? 0 : feed + 1)) + 1,
          .field = header_->names[column],
          .reason = std::move(reason),
          .record = std::string(text)};
}

void CsvBlock::parse_numbers(std::span<const std::uint32_t> columns, std::span<double> out,
                             std::vector<CellError>& errors) const {
  assert(out.size() == rows() * columns.size());
  const MissingTokens& missing = header_->missing;
  double* to = out.data();
  for (std::size_t row = 0; row < rows_.size(); ++row, to += columns.size()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string_view raw = raw_field(row, columns[i]);
      // Nearly every cell is a bare number; the rules for the others follow.
      if (!raw.empty() && !missing.may_start(raw.front())) {
        if (const auto value = parse_double(raw)) {
          to[i] = *value;
          continue;
        }
      }
      const std::string_view text = trim_spaces(field(row, columns[i]));
      if (missing.contains(text)) {
        to[i] = kMissingNumber;
      } else if (const auto value = parse_double(text)) {
        to[i] = *value;
      } else {
        errors.push_back({row, bad_cell(row, columns[i], why_not(text, ColumnType::kNumber))});
        std::fill_n(to, columns.size(), kMissingNumber);
        break;
      }
    }
  }
}

}  // namespace vigie::dataset
