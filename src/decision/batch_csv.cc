#include "decision/batch_csv.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/number.h"
#include "dataset/csv.h"
#include "decision/score_columns.h"

namespace vigie::decision {
namespace {

// A block, its numbers and its scored text stay within a core's cache.
constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

Result<std::string> header_line(const dataset::CsvHeader& header, const ScoreColumns& columns) {
  std::string line;
  for (const std::string& name : header.names) {
    if (!line.empty()) line += header.delimiter;
    dataset::append_csv_field(line, name, header.delimiter);
  }
  for (const std::string& name : columns.names()) {
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

class CsvForm : public BatchForm {
 public:
  CsvForm(dataset::CsvReader reader, dataset::CardBlockParser parser, ScoreColumns columns, std::string header)
      : reader_(std::move(reader)),
        parser_(std::move(parser)),
        columns_(std::move(columns)),
        header_(std::move(header)),
        delimiter_(reader_.header().delimiter) {}

  void set_lanes(std::size_t count) override { lanes_.resize(count); }
  Result<bool> read(std::size_t lane) override { return reader_.next(lanes_[lane]); }
  void parse(std::size_t lane, dataset::CardBlock& rows) override { parser_.parse(lanes_[lane], rows); }

  void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
             std::string& text) const override {
    const dataset::CsvBlock& block = lanes_[lane];
    const std::size_t most =
        block.text_bytes() + decisions.size() * (columns_.most_bytes() + columns_.names().size() + 1);
    text.resize_and_overwrite(most, [&](char* const begin, std::size_t) {
      char* to = begin;
      for (std::size_t i = 0; i < decisions.size(); ++i) {
        to = std::ranges::copy(block.record(rows.rows[i]), to).out;
        columns_.for_each(decisions[i], [&](double value) {
          *to++ = delimiter_;
          to = print_double(to, value);
        });
        *to++ = '\n';
      }
      return to - begin;
    });
  }

  std::string_view head() const override { return header_; }
  const std::string& name() const override { return reader_.header().file; }
  std::uint64_t position() const override { return reader_.bytes_read(); }
  std::uint64_t size() const override { return reader_.bytes_total(); }

 private:
  dataset::CsvReader reader_;
  dataset::CardBlockParser parser_;
  ScoreColumns columns_;
  std::string header_;
  char delimiter_;
  std::vector<dataset::CsvBlock> lanes_;
};

}  // namespace

Result<std::unique_ptr<BatchForm>> csv_form(std::unique_ptr<dataset::ByteSource> source, const CardService& service,
                                            bool members) {
  // Bad rows come with their block, whatever is done about them, so that which one is first does not depend on threads.
  auto reader = VIGIE_TRY(dataset::CsvReader::open(
      std::move(source), {.on_bad_row = dataset::OnBadRow::kReject, .block_bytes = kBlockBytes}));
  auto parser = VIGIE_TRY(dataset::CardBlockParser::make(reader.header(), {}));
  ScoreColumns columns(service, members);
  std::string header = VIGIE_TRY(header_line(reader.header(), columns));
  return std::make_unique<CsvForm>(std::move(reader), std::move(parser), std::move(columns), std::move(header));
}

}  // namespace vigie::decision
