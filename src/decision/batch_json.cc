#include "decision/batch_json.h"

#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "base/number.h"
#include "dataset/card_json.h"
#include "dataset/json_rows.h"
#include "decision/score_columns.h"

namespace vigie::decision {
namespace {

class JsonForm : public BatchForm {
 public:
  JsonForm(dataset::JsonRowReader reader, ScoreColumns columns)
      : reader_(std::move(reader)), array_(reader_.is_array()), columns_(std::move(columns)) {
    for (const std::string& name : columns_.names()) {
      std::string& key = keys_.emplace_back(",");
      append_json_string(key, name);
      key += ':';
    }
  }

  void set_lanes(std::size_t count) override {
    lanes_.clear();
    for (std::size_t i = 0; i < count; ++i) lanes_.push_back({{}, dataset::CardJsonParser(columns_.names())});
  }
  Result<bool> read(std::size_t lane) override { return reader_.next(lanes_[lane].block); }
  void parse(std::size_t lane, dataset::CardBlock& rows) override {
    lanes_[lane].parser.parse(lanes_[lane].block, rows);
  }

  void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
             std::string& text) const override {
    const dataset::JsonBlock& block = lanes_[lane].block;
    text.clear();
    for (std::size_t i = 0; i < decisions.size(); ++i) {
      if (array_ && i > 0) text += between();
      std::string_view record = block.record(block.rows[rows.rows[i]]);
      record.remove_suffix(1);  // its last brace
      text += record.substr(0, record.find_last_not_of(" \t\r\n") + 1);
      auto key = keys_.begin();
      columns_.for_each(decisions[i], [&](double value) {
        text += *key++;
        append_double(text, value);
      });
      text += '}';
      if (!array_) text += '\n';
    }
  }

  std::string_view head() const override { return array_ ? "[\n" : ""; }
  std::string_view between() const override { return array_ ? ",\n" : ""; }
  std::string_view tail() const override { return array_ ? "\n]\n" : ""; }
  const std::string& name() const override { return reader_.source().name(); }
  std::uint64_t position() const override { return reader_.source().position(); }
  std::uint64_t size() const override { return reader_.source().size(); }

 private:
  struct Lane {
    dataset::JsonBlock block;
    dataset::CardJsonParser parser;
  };
  dataset::JsonRowReader reader_;
  bool array_;
  ScoreColumns columns_;
  std::vector<std::string> keys_;  // with what stands around them
  std::vector<Lane> lanes_;
};

}  // namespace

Result<std::unique_ptr<BatchForm>> json_form(std::unique_ptr<dataset::ByteSource> source, const CardService& service,
                                             bool members) {
  auto reader = VIGIE_TRY(dataset::JsonRowReader::open(std::move(source), {}));
  return std::make_unique<JsonForm>(std::move(reader), ScoreColumns(service, members));
}

}  // namespace vigie::decision
