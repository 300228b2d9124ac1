#include "decision/batch_csv.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/number.h"
#include "decision/score_columns.h"

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

class CsvForm : public BatchForm {
 public:
  CsvForm(dataset::CsvReader reader, dataset::CardBlockParser parser, ScoreColumns columns, std::string header,
          BadRows bad_rows)
      : reader_(std::move(reader)),
        parser_(std::move(parser)),
        columns_(std::move(columns)),
        header_(std::move(header)),
        delimiter_(reader_.header().delimiter),
        in_place_(bad_rows == BadRows::kInPlace) {}

  void set_lanes(std::size_t count) override { lanes_.resize(count); }
  Result<bool> read(std::size_t lane) override { return reader_.next(lanes_[lane]); }
  void parse(std::size_t lane, dataset::CardBlock& rows) override { parser_.parse(lanes_[lane], rows); }

  void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
             std::string& text) const override {
    const dataset::CsvBlock& block = lanes_[lane];
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
  const std::string& name() const override { return reader_.header().file; }
  std::uint64_t position() const override { return reader_.bytes_read(); }
  std::uint64_t size() const override { return reader_.bytes_total(); }

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
      text.append(reader_.header().names.size() - 1, delimiter_);
    }
    text.append(columns_.names().size() + 1, delimiter_);
    dataset::append_csv_field(text, error_text(bad), delimiter_);
    text += '\n';
  }

  dataset::CsvReader reader_;
  dataset::CardBlockParser parser_;
  ScoreColumns columns_;
  std::string header_;
  char delimiter_;
  bool in_place_;
  std::vector<dataset::CsvBlock> lanes_;
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
  return std::make_unique<CsvForm>(std::move(reader), std::move(parser), std::move(columns), std::move(header),
                                   options.bad_rows);
}

}  // namespace vigie::decision
