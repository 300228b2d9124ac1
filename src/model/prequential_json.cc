#include "model/prequential_json.h"

#include <utility>

#include "model/json_reader.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMaxFolds = 1'000;
constexpr std::size_t kMaxScorers = 100;

constexpr std::pair<const char*, std::uint32_t Prequential::*> kDays[] = {
    {"train_days", &Prequential::train_days},
    {"delay_days", &Prequential::delay_days},
    {"test_days", &Prequential::test_days},
    {"cards", &Prequential::cards},
};
constexpr std::pair<const char*, std::string PrequentialFold::*> kDates[] = {
    {"train_from", &PrequentialFold::train_from},
    {"test_from", &PrequentialFold::test_from},
};
constexpr std::pair<const char*, std::uint64_t PrequentialFold::*> kCounts[] = {
    {"train_rows", &PrequentialFold::train_rows},
    {"train_positives", &PrequentialFold::train_positives},
    {"test_rows", &PrequentialFold::test_rows},
    {"test_positives", &PrequentialFold::test_positives},
};

void write_figures(JsonWriter& json, const PrequentialFigures& figures) {
  json.begin_object();
  for (const PrequentialMetric& metric : kPrequentialMetrics) json.member(metric.name, figures.*metric.field);
  json.end_object();
}

Status read_figures(const JsonReader& json, PrequentialFigures& out) {
  for (const PrequentialMetric& metric : kPrequentialMetrics) {
    VIGIE_TRY(json.read(metric.name, out.*metric.field));
    if (out.*metric.field < 0 || out.*metric.field > 1) return json[metric.name].refuse("not between 0 and 1");
  }
  return {};
}

}  // namespace

void write_prequential(JsonWriter& json, const Prequential& prequential) {
  json.begin_object();
  for (const auto& [name, field] : kDays) json.member(name, std::uint64_t{prequential.*field});
  json.key("folds").begin_array();
  for (const PrequentialFold& fold : prequential.folds) {
    json.begin_object();
    for (const auto& [name, field] : kDates) json.member(name, fold.*field);
    for (const auto& [name, field] : kCounts) json.member(name, fold.*field);
    json.end_object();
  }
  json.end_array().key("scorers").begin_array();
  for (const PrequentialScorer& scorer : prequential.scorers) {
    json.begin_object().member("name", scorer.name).key("mean");
    write_figures(json, scorer.mean);
    json.key("deviation");
    write_figures(json, scorer.deviation);
    json.key("folds").begin_array();
    for (const PrequentialFigures& fold : scorer.folds) write_figures(json, fold);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

Result<Prequential> parse_prequential(const JsonReader& json) {
  Prequential out;
  for (const auto& [name, field] : kDays) {
    const std::uint64_t days = VIGIE_TRY(json[name].unsigned_integer());
    if (days > 1'000'000) return json[name].refuse("above a million");
    out.*field = static_cast<std::uint32_t>(days);
  }
  for (const JsonReader& item : VIGIE_TRY(json["folds"].items(kMaxFolds))) {
    PrequentialFold& fold = out.folds.emplace_back();
    for (const auto& [name, field] : kDates) VIGIE_TRY(item.read(name, fold.*field));
    for (const auto& [name, field] : kCounts) VIGIE_TRY(item.read(name, fold.*field));
  }
  if (out.folds.empty()) return json["folds"].refuse("there is none");
  for (const JsonReader& item : VIGIE_TRY(json["scorers"].items(kMaxScorers))) {
    PrequentialScorer& scorer = out.scorers.emplace_back();
    VIGIE_TRY(item.read("name", scorer.name));
    VIGIE_TRY(read_figures(item["mean"], scorer.mean));
    VIGIE_TRY(read_figures(item["deviation"], scorer.deviation));
    for (const JsonReader& fold : VIGIE_TRY(item["folds"].items(kMaxFolds))) {
      VIGIE_TRY(read_figures(fold, scorer.folds.emplace_back()));
    }
    if (scorer.folds.size() != out.folds.size()) return item["folds"].refuse("not one a fold");
  }
  return out;
}

}  // namespace vigie::model
