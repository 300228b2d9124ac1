#include <algorithm>
#include <cassert>

#include "base/decimal_cells.h"
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

// Where the cells of a row are, for parse_cells(); false where it does not lie deep enough within the block's bytes.
bool CsvBlock::find_cells(const Row& at, std::span<const std::uint32_t> columns, TextCell* cells) const {
  const auto last = static_cast<std::uint32_t>(header_->names.size() - 1);
  const std::uint32_t* const ends = structure_.marks.view().data() + at.first_end;
  if (at.begin < kCellSlack || ends[last] + kCellSlack > bytes_.size()) return false;
  const char* const text = bytes_.data();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    // Not the block's first row: there is a mark before its first field too.
    const std::uint32_t* const end = ends + columns[i];
    cells[i] = {text + end[-1] + 1, text + end[0]};
    if (columns[i] == last && end[0] > end[-1] + 1 && cells[i].end[-1] == '\r') --cells[i].end;
  }
  return true;
}

// One number that is not plain; false where it is none.
bool CsvBlock::parse_number(std::size_t row, std::size_t column, double& out) const {
  const std::string_view text = trim_spaces(field(row, column));
  if (header_->missing.contains(text)) {
    out = kMissingNumber;
    return true;
  }
  const auto value = parse_double(text);
  if (value) out = *value;
  return value.has_value();
}

void CsvBlock::parse_numbers(std::span<const std::uint32_t> columns, std::span<double> out,
                             std::vector<CellError>& errors) const {
  const std::size_t width = columns.size();
  assert(out.size() == rows() * width);
  // A plain number is one at once, unless numbers may stand for missing values.
  const bool plain =
      std::ranges::none_of(std::string_view("-.0123456789"), [this](char c) { return header_->missing.may_start(c); });
  std::vector<TextCell> cells(width);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    double* const to = out.data() + row * width;
    const bool fast = plain && find_cells(rows_[row], columns, cells.data());
    for (std::size_t done = 0; done < width; ++done) {
      if (fast) done += parse_cells(std::span(cells).subspan(done), to + done);
      if (done == width || parse_number(row, columns[done], to[done])) continue;
      const std::string_view text = trim_spaces(field(row, columns[done]));
      errors.push_back({row, bad_cell(row, columns[done], why_not(text, ColumnType::kNumber))});
      std::fill_n(to, width, kMissingNumber);
      break;
    }
  }
}

}  // namespace vigie::dataset
