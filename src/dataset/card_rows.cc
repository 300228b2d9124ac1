#include "dataset/card_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include "base/number.h"
#include "base/parallel.h"
#include "dataset/bytes.h"
#include "dataset/ndjson.h"
#include "dataset/read.h"
#include "schema/card.h"

namespace vigie::dataset {
namespace {

using schema::kCardRaw;

constexpr std::string_view kColumnsRemedy =
    "a card file has the columns Time, Amount and V1 to V28, and Class where it is labelled";

// The fields to read: raw, then the label, then the weight. Views into `columns`.
std::vector<schema::Field> wanted_fields(const CardColumns& columns) {
  const auto raw = schema::card_raw_fields();
  std::vector<schema::Field> fields(raw.begin(), raw.end());
  if (columns.labelled) fields.push_back(schema::card_label());
  if (!columns.weight.empty()) {
    fields.push_back({columns.weight, schema::FieldType::kNumber, schema::Role::kRaw, 0,
                      std::numeric_limits<double>::infinity(), "", "weight of the row", "poids de la ligne"});
  }
  return fields;
}

Error lacks_columns(const std::vector<std::string>& missing, const std::string& file, std::uint64_t line) {
  return Error{Code::kInvalidData,
               fmt::format("the column{} {} {} missing", missing.size() == 1 ? "" : "s", fmt::join(missing, ", "),
                           missing.size() == 1 ? "is" : "are"),
               {.file = file, .line = line},
               std::string(kColumnsRemedy)};
}

Status read_csv_rows(const std::filesystem::path& path, const CardRowsOptions& options, RejectFile& rejects,
                     CardRows& out, Progress& progress) {
  // Bad rows come back with the block in either case: which one is first must not depend on threads.
  auto reader = VIGIE_TRY(CsvReader::open(VIGIE_TRY(open_bytes(path, Access::kMapped)),
                                          {.on_bad_row = OnBadRow::kReject, .block_bytes = std::size_t{1} << 21}));
  const auto parser = VIGIE_TRY(CardBlockParser::make(reader.header(), {.labelled = true, .weight = options.weight}));
  const std::string file = reader.header().file;
  const std::size_t threads = thread_count(options.threads);
  progress.begin("reading", reader.bytes_total(), "B");
  std::vector<CsvBlock> blocks(threads * 4);
  std::vector<CardBlock> parsed(blocks.size());
  for (bool more = true; more;) {
    std::size_t filled = 0;
    while (filled < blocks.size() && (more = VIGIE_TRY(reader.next(blocks[filled])))) ++filled;
    parallel_for(threads, filled, [&](std::size_t i) { parser.parse(blocks[i], parsed[i]); });
    if (out.values.empty() && filled > 0 &&
        reader.bytes_read() > 0) {  // one allocation, from the first blocks' density
      std::size_t rows = 0;
      for (std::size_t i = 0; i < filled; ++i) rows += parsed[i].rows.size();
      const double files = static_cast<double>(reader.bytes_total()) / static_cast<double>(reader.bytes_read());
      constexpr double kSpare = 1.05;
      const auto expected = static_cast<std::size_t>(kSpare * files * static_cast<double>(rows));
      out.values.reserve(expected * kCardRaw);
      out.labels.reserve(expected);
    }
    for (std::size_t i = 0; i < filled; ++i) {
      VIGIE_TRY(put_aside(parsed[i].bad, file, options.on_bad_row, rejects));
      out.values.insert(out.values.end(), parsed[i].values.begin(), parsed[i].values.end());
      out.labels.insert(out.labels.end(), parsed[i].labels.begin(), parsed[i].labels.end());
      out.weights.insert(out.weights.end(), parsed[i].weights.begin(), parsed[i].weights.end());
    }
    progress.advance_to(reader.bytes_read());
  }
  progress.end();
  return {};
}

Status read_ndjson_rows(const std::filesystem::path& path, const CardRowsOptions& options, RejectFile& rejects,
                        CardRows& out, Progress& progress) {
  const CardColumns wanted{.labelled = true, .weight = options.weight};
  const auto fields = wanted_fields(wanted);
  ReadOptions read{.threads = options.threads};
  read.on_bad_row = options.on_bad_row;
  for (const schema::Field& field : fields) read.types.emplace_back(field.name, ColumnType::kNumber);
  const Reading reading = VIGIE_TRY(read_ndjson(path, read, progress));
  out.rejected += reading.rejected;
  std::vector<std::span<const double>> columns;
  for (const schema::Field& field : fields) columns.push_back(reading.table.find(field.name)->numbers());
  for (std::size_t row = 0; row < reading.table.rows(); ++row) {
    std::vector<BadRow> bad;
    for (std::size_t f = 0; f < fields.size() && bad.empty(); ++f) {
      const double value = columns[f][row];
      if (schema::accepts(fields[f], value)) continue;
      bad.push_back({.line = row + 1,
                     .at_line = row + 1,
                     .field = std::string(fields[f].name),
                     .reason = why_refused(fields[f], value)});
    }
    VIGIE_TRY(put_aside(bad, path.native(), options.on_bad_row, rejects));
    if (!bad.empty()) continue;
    for (std::size_t f = 0; f < kCardRaw; ++f) out.values.push_back(columns[f][row]);
    out.labels.push_back(static_cast<std::uint8_t>(columns[kCardRaw][row]));
    if (!wanted.weight.empty()) out.weights.push_back(columns[kCardRaw + 1][row]);
  }
  return {};
}

}  // namespace

std::string why_refused(const schema::Field& field, double value) {
  if (std::isnan(value)) return "the value is missing; " + schema::expectation(field) + " is needed";
  return format_double(value) + " is not " + schema::expectation(field);
}

Result<CardBlockParser> CardBlockParser::make(const CsvHeader& header, const CardColumns& columns) {
  std::vector<std::uint32_t> places;
  std::vector<std::string> missing;
  for (const schema::Field& field : wanted_fields(columns)) {
    const auto column = header.find(field.name);
    if (column) {
      places.push_back(static_cast<std::uint32_t>(*column));
    } else {
      missing.emplace_back(field.name);
    }
  }
  if (!missing.empty()) return std::unexpected(lacks_columns(missing, header.file, 1));
  return CardBlockParser(std::move(places), columns);
}

CardBlockParser::CardBlockParser(std::vector<std::uint32_t> places, CardColumns columns)
    : places_(std::move(places)), columns_(std::move(columns)) {
  const auto fields = wanted_fields(columns_);
  for (std::size_t f = 0; f < fields.size(); ++f) {
    if (std::isinf(fields[f].minimum) && std::isinf(fields[f].maximum)) continue;
    bounds_.push_back({f, fields[f].minimum, fields[f].maximum});
  }
}

// Without a branch for each cell: nearly all rows are good.
bool CardBlockParser::finite_and_in_bounds(const double* values) const {
  constexpr std::uint64_t kExponent = 0x7FF0'0000'0000'0000;  // all ones in what is not finite
  constexpr std::uint64_t kLowest = 0x0010'0000'0000'0000;
  std::uint64_t carries = 0;
  for (std::size_t i = 0; i < kCardRaw; ++i) {
    carries |= (std::bit_cast<std::uint64_t>(values[i]) & kExponent) + kLowest;
  }
  bool good = carries >> 63 == 0;
  for (const Bounds& bounds : bounds_) {
    good = good && values[bounds.field] >= bounds.least && values[bounds.field] <= bounds.most;
  }
  return good;
}

void CardBlockParser::parse(const CsvBlock& block, CardBlock& out) const {
  const std::size_t width = places_.size();
  // Where nothing but the raw fields is read, they are read into their place.
  std::vector<double>& cells = width == kCardRaw ? out.values : out.cells;
  cells.resize(block.rows() * width);
  std::vector<CsvBlock::CellError> errors;
  block.parse_numbers(places_, cells, errors);
  out.values.resize(block.rows() * kCardRaw);
  out.labels.clear();
  out.weights.clear();
  out.rows.clear();
  out.bad.assign(block.bad_rows().begin(), block.bad_rows().end());
  const auto fields = wanted_fields(columns_);
  auto error = errors.begin();
  for (std::size_t row = 0; row < block.rows(); ++row) {
    if (error != errors.end() && error->row == row) {
      out.bad.push_back(std::move(error->bad));
      ++error;
      continue;
    }
    const double* const values = cells.data() + row * width;
    std::size_t wrong = finite_and_in_bounds(values) ? kCardRaw : 0;  // the raw fields need not be whole numbers
    while (wrong < width && schema::accepts(fields[wrong], values[wrong])) ++wrong;
    if (wrong < width) {
      out.bad.push_back(block.bad_cell(row, places_[wrong], why_refused(fields[wrong], values[wrong])));
      continue;
    }
    if (columns_.labelled) out.labels.push_back(values[kCardRaw] == 1 ? 1 : 0);
    if (!columns_.weight.empty()) out.weights.push_back(values[width - 1]);
    double* const kept = out.values.data() + out.rows.size() * kCardRaw;
    if (kept != values) std::copy_n(values, kCardRaw, kept);
    out.rows.push_back(static_cast<std::uint32_t>(row));
  }
  out.values.resize(out.rows.size() * kCardRaw);
  if (!out.bad.empty()) std::ranges::stable_sort(out.bad, {}, &BadRow::line);
}

Result<CardRows> read_card_rows(const std::filesystem::path& path, const CardRowsOptions& options, Progress& progress) {
  CardRows rows;
  RejectFile rejects(options.rejects);
  Result<std::string> hash = std::string();
  Status read;
  {
    // The hash wants the same bytes: it runs beside the parsing.
    const std::jthread hashing([&] { hash = stored_sha256(path); });
    // By suffix only: what a person calls .ndjson is read as such, all else as CSV.
    read = form_by_suffix(path) == FileForm::kNdjson ? read_ndjson_rows(path, options, rejects, rows, progress)
                                                     : read_csv_rows(path, options, rejects, rows, progress);
  }
  VIGIE_TRY(std::move(read));
  rows.sha256 = VIGIE_TRY(std::move(hash));
  rows.rejected += rejects.count();
  VIGIE_TRY(rejects.commit());
  if (rows.labels.empty()) {
    return fail(Code::kInvalidData, "no row can be used", {.file = path.native()},
                rows.rejected > 0 ? "see in the reject file why" : "give a file with rows");
  }
  return rows;
}

}  // namespace vigie::dataset
