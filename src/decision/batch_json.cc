#include "decision/batch_json.h"

#include <utility>
#include <vector>

#include "dataset/card_json.h"
#include "decision/json_scores.h"

namespace vigie::decision {
namespace {

class JsonForm : public BatchForm {
 public:
  JsonForm(dataset::JsonRowReader reader, ScoreColumns columns, const FormOptions& options)
      : reader_(std::move(reader)),
        array_(options.written == Written::kAsRead ? reader_.is_array() : options.written == Written::kArray),
        in_place_(options.bad_rows == BadRows::kInPlace),
        scores_(std::move(columns)),
        reserved_(scores_.columns().reserved(options.bad_rows)) {}

  void set_lanes(std::size_t count) override {
    lanes_.clear();
    for (std::size_t i = 0; i < count; ++i) lanes_.push_back({{}, dataset::CardJsonParser(reserved_)});
  }
  Result<bool> read(std::size_t lane) override { return reader_.next(lanes_[lane].block); }
  void parse(std::size_t lane, dataset::CardBlock& rows) override {
    lanes_[lane].parser.parse(lanes_[lane].block, rows);
  }

  void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
             std::string& text) const override {
    const dataset::JsonBlock& block = lanes_[lane].block;
    text.clear();
    auto bad = rows.bad.begin();
    std::uint32_t next = 0;  // row of the block; those that are not among rows.rows are bad
    for (std::size_t i = 0; i < decisions.size(); ++i, ++next) {
      for (; in_place_ && next < rows.rows[i]; ++next) append_bad(*bad++, text);
      append_scored(block.record(block.rows[rows.rows[i]]), decisions[i], text);
    }
    while (in_place_ && bad != rows.bad.end()) append_bad(*bad++, text);
  }

  std::string_view head() const override { return array_ ? "[\n" : ""; }
  std::string_view between() const override { return array_ ? ",\n" : ""; }
  std::string_view tail() const override { return array_ ? "\n]\n" : ""; }
  const std::string& name() const override { return reader_.source().name(); }
  std::uint64_t position() const override { return reader_.source().position(); }
  std::uint64_t size() const override { return reader_.source().size(); }

 private:
  void begin_row(std::string& text) const {
    if (!text.empty()) text += between();
  }
  void end_row(std::string& text) const {
    if (!array_) text += '\n';
  }

  void append_scored(std::string_view record, const domain::CardDecision& decision, std::string& text) const {
    begin_row(text);
    record.remove_suffix(1);  // its last brace
    text += record.substr(0, record.find_last_not_of(" \t\r\n") + 1);
    scores_.append(decision, text);
    text += '}';
    end_row(text);
  }

  void append_bad(const dataset::BadRow& bad, std::string& text) const {
    begin_row(text);
    JsonScores::append_bad(bad, text);
    end_row(text);
  }

  struct Lane {
    dataset::JsonBlock block;
    dataset::CardJsonParser parser;
  };
  dataset::JsonRowReader reader_;
  bool array_;
  bool in_place_;
  JsonScores scores_;
  std::vector<std::string> reserved_;
  std::vector<Lane> lanes_;
};

}  // namespace

std::unique_ptr<BatchForm> json_form(dataset::JsonRowReader reader, const CardService& service,
                                     const FormOptions& options) {
  return std::make_unique<JsonForm>(std::move(reader), ScoreColumns(service, options.members), options);
}

}  // namespace vigie::decision
