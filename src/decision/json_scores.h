// What JSON rows say beside their own members: the scores of a good one, and what is wrong with a bad one.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/number.h"
#include "dataset/bad_row.h"
#include "decision/score_columns.h"

namespace vigie::decision {

class JsonScores {
 public:
  explicit JsonScores(ScoreColumns columns) : columns_(std::move(columns)) {
    for (const std::string& name : columns_.names()) {
      std::string& key = keys_.emplace_back(",");
      append_json_string(key, name);
      key += ':';
    }
  }

  const ScoreColumns& columns() const { return columns_; }

  // `,"hybrid_score":0.25,"fraud":0`, behind a row's own members.
  void append(const domain::CardDecision& decision, std::string& text) const {
    auto key = keys_.begin();
    columns_.for_each(decision, [&](double value) {
      text += *key++;
      append_double(text, value);
    });
  }

  // {"error":{"line":7,"field":"Amount","reason":"..."}}; `field` is null where the whole row is meant.
  static void append_bad(const dataset::BadRow& bad, std::string& text) {
    JsonWriter json;
    json.begin_object().key(kErrorName).begin_object().member("line", bad.at_line).key("field");
    if (bad.field.empty()) {
      json.null();
    } else {
      json.value(bad.field);
    }
    json.member("reason", bad.reason).end_object().end_object();
    text += json.text();
  }

 private:
  ScoreColumns columns_;
  std::vector<std::string> keys_;  // with what stands around them
};

}  // namespace vigie::decision
