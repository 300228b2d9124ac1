#include "decision/batch_csv.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/number.h"
#include "decision/json_scores.h"
#include "decision/score_columns.h"
#include "schema/card.h"

namespace vigie::decision {
namespace {

// A block, its numbers and its scored text stay within a core's cache.
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

Result<std::string> header_line(const dataset::CsvHeader& header, std::span<const std::string> appended) {
  std::string line;
  for (const std::string& name : header.names) {
    if (!line.empty()) line += header.delimiter;
    dataset::append_csv_field(line, name, header.delimiter);
  }
  for (const std::string& name : appended) {
    if (header.find(name)) {
      return fail(Code::kInvalidData, "the file has a column \"" + name + "\" already",
                  {.file = header.file, .line = 1, .field = name},
                  "score the file as it was before, or rename that column");
    }
    line += header.delimiter;
    dataset::append_csv_field(line, name, header.delimiter);
  }
  line += '\n';
  return line;
}

// "line 7, column 3: Amount: -5 is not a finite number, at least 0"
std::string error_text(const dataset::BadRow& bad) {
  return Error{.message = bad.reason, .place = {.line = bad.at_line, .column = bad.column, .field = bad.field}}
      .to_string();
}

// CSV in.
class CsvRows : public BatchForm {
 public:
  CsvRows(dataset::CsvReader reader, dataset::CardBlockParser parser)
      : reader_(std::move(reader)), parser_(std::move(parser)) {}

  void set_lanes(std::size_t count) override { lanes_.resize(count); }
  Result<bool> read(std::size_t lane) override { return reader_.next(lanes_[lane]); }
  void parse(std::size_t lane, dataset::CardBlock& rows) override { parser_.parse(lanes_[lane], rows); }
  const std::string& name() const override { return reader_.header().file; }
  std::uint64_t position() const override { return reader_.bytes_read(); }
  std::uint64_t size() const override { return reader_.bytes_total(); }

 protected:
  const dataset::CsvHeader& header() const { return reader_.header(); }
  const dataset::CsvBlock& block(std::size_t lane) const { return lanes_[lane]; }

 private:
  dataset::CsvReader reader_;
  dataset::CardBlockParser parser_;
  std::vector<dataset::CsvBlock> lanes_;
};

// The same CSV out.
class CsvForm : public CsvRows {
 public:
  CsvForm(dataset::CsvReader reader, dataset::CardBlockParser parser, ScoreColumns columns, std::string header,
          BadRows bad_rows)
      : CsvRows(std::move(reader), std::move(parser)),
        columns_(std::move(columns)),
        header_(std::move(header)),
        delimiter_(CsvRows::header().delimiter),
        in_place_(bad_rows == BadRows::kInPlace) {}

  void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
             std::string& text) const override {
    const dataset::CsvBlock& block = CsvRows::block(lane);
    text.clear();
    std::size_t done = 0;
    if (in_place_) {
      auto broken = block.bad_rows().begin();
      for (const dataset::BadRow& bad : rows.bad) {
        const std::size_t first = done;
        while (done < decisions.size() && block.line(rows.rows[done]) < bad.line) ++done;
        append_scored(block, std::span(rows.rows).subspan(first, done - first), decisions.subspan(first), text);
        const bool has_fields = broken == block.bad_rows().end() || broken->line != bad.line;
        if (!has_fields) ++broken;
        append_bad(bad, has_fields, text);
      }
    }
    append_scored(block, std::span(rows.rows).subspan(done), decisions.subspan(done), text);
  }

  std::string_view head() const override { return header_; }

 private:
  // Rows of `block` that follow each other, and a decision for each of them in front of `decisions`.
  void append_scored(const dataset::CsvBlock& block, std::span<const std::uint32_t> rows,
                     std::span<const domain::CardDecision> decisions, std::string& text) const {
    if (rows.empty()) return;
    const std::string_view last = block.record(rows.back());
    const auto records = static_cast<std::size_t>(last.data() + last.size() - block.record(rows.front()).data());
    const std::size_t columns = columns_.names().size() + 1;
    const std::size_t most = text.size() + records + rows.size() * (columns_.most_bytes() + columns + 1);
    text.resize_and_overwrite(most, [&, used = text.size()](char* const begin, std::size_t) {
      char* to = begin + used;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        to = std::ranges::copy(block.record(rows[i]), to).out;
        columns_.for_each(decisions[i], [&](double value) {
          *to++ = delimiter_;
          to = print_double(to, value);
        });
        if (in_place_) *to++ = delimiter_;
        *to++ = '\n';
      }
      return to - begin;
    });
  }

  void append_bad(const dataset::BadRow& bad, bool has_fields, std::string& text) const {
    if (has_fields) {
      text += bad.record;
    } else {
      text.append(CsvRows::header().names.size() - 1, delimiter_);
    }
    text.append(columns_.names().size() + 1, delimiter_);
    dataset::append_csv_field(text, error_text(bad), delimiter_);
    text += '\n';
  }

  ScoreColumns columns_;
  std::string header_;
  char delimiter_;
  bool in_place_;
};

// JSON objects out: the fields of a transaction as numbers, the other columns as text.
class CsvAsJsonForm : public CsvRows {
 public:
  CsvAsJsonForm(dataset::CsvReader reader, dataset::CardBlockParser parser, ScoreColumns columns,
                const FormOptions& options)
      : CsvRows(std::move(reader), std::move(parser)),
        scores_(std::move(columns)),
        array_(options.written == Written::kArray),
        in_place_(options.bad_rows == BadRows::kInPlace) {
    const auto fields = schema::card_raw_fields();
    for (const std::string& name : header().names) {
      Column& column = columns_.emplace_back();
      column.key = columns_.size() == 1 ? "{" : ",";
      append_json_string(column.key, name);
      column.key += ':';
      const auto field = std::ranges::find(fields, name, &schema::Field::name);
      if (field != fields.end()) column.field = static_cast<std::size_t>(field - fields.begin());
    }
  }

  void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
             std::string& text) const override {
    text.clear();
    auto bad = rows.bad.begin();
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      const std::uint64_t line = block(lane).line(rows.rows[i]);
      for (; bad != rows.bad.end() && bad->line < line; ++bad) append_bad(*bad, text);
      append_scored(lane, rows, i, decisions[i], text);
    }
    for (; bad != rows.bad.end(); ++bad) append_bad(*bad, text);
  }

  std::string_view head() const override { return array_ ? "[\n" : ""; }
  std::string_view between() const override { return array_ ? ",\n" : ""; }
  std::string_view tail() const override { return array_ ? "\n]\n" : ""; }

 private:
  struct Column {
    std::string key;  // with what stands around it
    std::optional<std::size_t> field{};
  };

  void begin_row(std::string& text) const {
    if (!text.empty()) text += between();
  }
  void end_row(std::string& text) const {
    if (!array_) text += '\n';
  }

  void append_scored(std::size_t lane, const dataset::CardBlock& rows, std::size_t at,
                     const domain::CardDecision& decision, std::string& text) const {
    begin_row(text);
    const std::span values = std::span(rows.values).subspan(at * schema::kCardRaw, schema::kCardRaw);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      text += columns_[c].key;
      if (columns_[c].field) {
        append_double(text, values[*columns_[c].field]);
      } else {
        append_json_string(text, block(lane).field(rows.rows[at], c));
      }
    }
    scores_.append(decision, text);
    text += '}';
    end_row(text);
  }

  void append_bad(const dataset::BadRow& bad, std::string& text) const {
    if (!in_place_) return;
    begin_row(text);
    JsonScores::append_bad(bad, text);
    end_row(text);
  }

  JsonScores scores_;
  bool array_;
  bool in_place_;
  std::vector<Column> columns_;
};

}  // namespace

Result<dataset::CsvReader> open_csv(std::unique_ptr<dataset::ByteSource> source) {
  // Bad rows come with their block, whatever is done about them, so that which one is first does not depend on threads.
  return dataset::CsvReader::open(std::move(source),
                                  {.on_bad_row = dataset::OnBadRow::kReject, .block_bytes = kBlockBytes});
}

Result<std::unique_ptr<BatchForm>> csv_form(dataset::CsvReader reader, const CardService& service,
                                            const FormOptions& options) {
  auto parser = VIGIE_TRY(dataset::CardBlockParser::make(reader.header(), {}));
  ScoreColumns columns(service, options.members);
  std::string header = VIGIE_TRY(header_line(reader.header(), columns.reserved(options.bad_rows)));
  if (options.written != Written::kAsRead) {
    return std::make_unique<CsvAsJsonForm>(std::move(reader), std::move(parser), std::move(columns), options);
  }
  return std::make_unique<CsvForm>(std::move(reader), std::move(parser), std::move(columns), std::move(header),
                                   options.bad_rows);
}

}  // namespace vigie::decision
