#include "dataset/ndjson.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/json_writer.h"
#include "dataset/column_builder.h"
#include "dataset/record_cutter.h"
#include "dataset/selection.h"

namespace vigie::dataset {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::uint64_t kSampleRows = 10'000;

// One value of a line, as the typing rules want it.
struct Cell {
  std::size_t column;
  element value;
};

class LinesReader {
 public:
  LinesReader(std::unique_ptr<ByteSource> source, const ReadOptions& options, Progress& progress)
      : options_(options),
        progress_(progress),
        cutter_(std::move(source),
                {.chunk_bytes = options.block_bytes, .max_record_bytes = options.max_record_bytes, .quotes = false}),
        file_(cutter_.source().name()),
        rejects_(options.rejects) {}

  Result<Reading> run() {
    progress_.begin("read", cutter_.source().size(), "bytes");
    Status status = read();
    progress_.end();
    VIGIE_TRY(rejects_.commit());
    VIGIE_TRY(status);
    return finish();
  }

 private:
  Status read() {
    for (;;) {
      auto chunk = cutter_.next();
      if (!chunk) {
        Error error = std::move(chunk).error();
        if (error.place.line > 0) error.place.line += line_;
        return std::unexpected(std::move(error));
      }
      if (!*chunk) break;
      std::string_view rest = (*chunk)->bytes;
      while (!rest.empty()) {
        const std::size_t feed = std::min(rest.find('\n'), rest.size());
        std::string_view text = rest.substr(0, feed);
        rest.remove_prefix(std::min(feed + 1, rest.size()));
        if (text.ends_with('\r')) text.remove_suffix(1);
        ++line_;
        if (trim_spaces(text).empty()) continue;
        if (sampling_) {
          sample_.emplace_back(line_, text);
          VIGIE_TRY(look_at(text));
          if (sample_.size() >= kSampleRows) VIGIE_TRY(end_sampling());
        } else {
          VIGIE_TRY(take(line_, text));
        }
      }
      progress_.advance_to(cutter_.position());
    }
    return sampling_ ? end_sampling() : Status();
  }

  // The fields of one line, in its order. Errors name the place but the file and the line.
  Result<simdjson::dom::object> parse(std::string_view text) {
    if (text.size() > options_.max_record_bytes) {
      return std::unexpected(record_too_long(file_, line_, options_.max_record_bytes));
    }
    padded_.assign(text);
    padded_.resize(text.size() + simdjson::SIMDJSON_PADDING, ' ');
    element document;
    if (const auto error = parser_.parse(padded_.data(), text.size(), false).get(document)) {
      return fail(Code::kInvalidData, "not a JSON object on one line: " + std::string(simdjson::error_message(error)));
    }
    simdjson::dom::object object;
    if (document.get(object)) return fail(Code::kInvalidData, "a line must be one JSON object");
    return object;
  }

  // A column for `name`; made where it is new and no columns were asked for. Nothing: it is not to be read.
  std::optional<std::size_t> column_of(std::string_view name) {
    const auto found = index_.find(std::string(name));
    if (found != index_.end()) return found->second;
    if (!options_.columns.empty() && std::ranges::find(options_.columns, name) == options_.columns.end()) {
      return std::nullopt;
    }
    const std::size_t column = names_.size();
    names_.emplace_back(name);
    guesses_.emplace_back();
    index_.emplace(names_.back(), column);
    return column;
  }

  // What a sampled line says of the types; a line that cannot be read is dealt with when its turn comes.
  Status look_at(std::string_view text) {
    const auto object = parse(text);
    if (!object) return {};
    for (const auto [name, value] : *object) {
      if (const auto column = column_of(name)) guess(guesses_[*column], value);
    }
    return {};
  }

  void guess(TypeGuess& guess, element value) const {
    switch (value.type()) {
      case element_type::STRING: guess.see(std::string_view(value.get_string()), options_.missing); break;
      case element_type::INT64:
      case element_type::BOOL: guess.see("1", options_.missing); break;
      case element_type::DOUBLE:
      case element_type::UINT64: guess.see("0.5", options_.missing); break;
      default: break;
    }
  }

  Status end_sampling() {
    sampling_ = false;
    for (std::size_t i = 0; i < names_.size(); ++i) add_builder(i, 0);
    const std::uint64_t line = std::exchange(line_, 0);
    for (const auto& [number, text] : sample_) {
      line_ = number;
      VIGIE_TRY(take(number, text));
    }
    line_ = line;
    sample_.clear();
    return {};
  }

  void add_builder(std::size_t column, std::size_t rows_before) {
    const auto given = std::ranges::find(options_.types, names_[column], &std::pair<std::string, ColumnType>::first);
    const bool is_given = given != options_.types.end();
    builders_.emplace_back(names_[column], is_given ? given->second : guesses_[column].type(), is_given);
    for (std::size_t row = 0; row < rows_before; ++row) builders_.back().append_missing();
  }

  Status take(std::uint64_t line, std::string_view text) {
    auto problem = append(text);
    if (!problem) {
      ++rows_;
      return {};
    }
    problem->line = problem->at_line = line;
    if (options_.on_bad_row == OnBadRow::kFail) return std::unexpected(to_error(*problem, file_));
    problem->record = text;
    return rejects_.add(*problem);
  }

  // Appends a line's values to all columns, or says why not and appends nothing.
  std::optional<BadRow> append(std::string_view text) {
    const auto object = parse(text);
    if (!object) return BadRow{.reason = object.error().message};
    cells_.clear();
    std::vector<bool> seen(names_.size());
    for (const auto [name, value] : *object) {
      const auto column = column_of(name);
      if (!column) continue;
      if (*column >= seen.size()) seen.resize(*column + 1);
      if (seen[*column]) return BadRow{.field = std::string(name), .reason = "the field comes twice"};
      seen[*column] = true;
      if (value.is_object() || value.is_array()) {
        return BadRow{.field = std::string(name), .reason = "an object or array inside a field cannot be a cell"};
      }
      if (*column >= builders_.size()) {
        guess(guesses_[*column], value);
        add_builder(*column, rows_);
      }
      cells_.push_back({*column, value});
    }
    // Text columns never fail: they come last, so that they never have to forget.
    std::ranges::stable_partition(
        cells_, [this](const Cell& cell) { return builders_[cell.column].type() != ColumnType::kText; });
    for (const Cell& cell : cells_) {
      if (put(builders_[cell.column], cell.value)) continue;
      for (auto& builder : builders_) {
        if (builder.size() > rows_) builder.truncate(rows_);
      }
      return BadRow{.field = names_[cell.column], .reason = reason(cell)};
    }
    for (auto& builder : builders_) {
      if (builder.size() == rows_) builder.append_missing();
    }
    return std::nullopt;
  }

  bool put(ColumnBuilder& builder, element value) const {
    const bool text = builder.type() == ColumnType::kText;
    switch (value.type()) {
      case element_type::NULL_VALUE: builder.append_missing(); return true;
      case element_type::STRING: return builder.append(std::string_view(value.get_string()), options_.missing, true);
      case element_type::BOOL:
        return text ? put_text(builder, value) : builder.append_integer(value.get_bool().value());
      case element_type::INT64:
        return text ? put_text(builder, value) : builder.append_integer(value.get_int64().value());
      default: return text ? put_text(builder, value) : builder.append_number(value.get_double().value());
    }
  }

  bool put_text(ColumnBuilder& builder, element value) const {
    return builder.append(simdjson::minify(value), options_.missing, true);
  }

  std::string reason(const Cell& cell) const {
    const ColumnType type = builders_[cell.column].type();
    if (cell.value.is_string()) return why_not(std::string_view(cell.value.get_string()), type);
    return why_not(std::string(simdjson::minify(cell.value)), type);
  }

  Result<Reading> finish() {
    if (rows_ == 0) {
      const bool all_bad = rejects_.count() > 0;
      return fail(
          Code::kInvalidData,
          all_bad ? fmt::format("none of its {} rows can be used", rejects_.count()) : "the file has no row",
          {.file = file_},
          all_bad ? "look at the reasons for which they were rejected" : "give a file with a JSON object a line");
    }
    const auto selection = VIGIE_TRY(select_columns(names_, options_, file_));
    Reading reading{.form = FileForm::kNdjson, .rejected = rejects_.count()};
    for (const Selected& selected : selection) reading.table.add(std::move(builders_[selected.index]).finish());
    return reading;
  }

  const ReadOptions& options_;
  Progress& progress_;
  RecordCutter cutter_;
  std::string file_;
  RejectFile rejects_;
  simdjson::dom::parser parser_;
  std::string padded_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<TypeGuess> guesses_;
  std::vector<ColumnBuilder> builders_;
  std::vector<Cell> cells_;
  std::deque<std::pair<std::uint64_t, std::string>> sample_;
  bool sampling_ = true;
  std::uint64_t line_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace

Result<Reading> read_ndjson(std::unique_ptr<ByteSource> source, const ReadOptions& options, Progress& progress) {
  return LinesReader(std::move(source), options, progress).run();
}

Result<Reading> read_ndjson(const std::filesystem::path& path, const ReadOptions& options, Progress& progress) {
  return read_ndjson(VIGIE_TRY(open_bytes(path, Access::kMapped)), options, progress);
}

Status write_ndjson(const Table& table, const std::filesystem::path& path) {
  auto sink = VIGIE_TRY(ByteSink::create(path));
  std::string text;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    JsonWriter json;
    json.begin_object();
    for (const auto& column : table.columns()) {
      if (column.missing(row)) continue;
      json.key(column.name());
      switch (column.type()) {
        case ColumnType::kNumber:
          if (std::isinf(column.numbers()[row])) {
            return fail(Code::kInvalidData,
                        "row " + std::to_string(row + 1) + " to be written holds an infinite number",
                        {.file = path.native(), .field = column.name()}, "remove or replace it first");
          }
          json.value(column.numbers()[row]);
          break;
        case ColumnType::kInteger: json.value(column.integers()[row]); break;
        case ColumnType::kText: json.value(column.text().at(row)); break;
        case ColumnType::kTimestamp:
          text.clear();
          column.append_text(row, text);
          json.value(text);
          break;
      }
    }
    json.end_object();
    VIGIE_TRY(sink.write(std::move(json).text() + "\n"));
  }
  return sink.commit();
}

}  // namespace vigie::dataset
