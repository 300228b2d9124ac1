#include "model/evaluation.h"

#include "model/evaluation_json.h"
#include "model/json_reader.h"
#include "model/prequential_json.h"

namespace vigie::model {
namespace {

constexpr std::size_t kMaxScorers = 16;
constexpr std::size_t kMaxPoints = 1000;  // a curve has at most 200; other writers may be finer

void write_confusion(JsonWriter& json, const Confusion& confusion) {
  json.key("confusion").begin_object().member("tp", confusion.tp).member("fp", confusion.fp);
  json.member("fn", confusion.fn).member("tn", confusion.tn).end_object();
}

// One array a field, for all items: smaller than an object an item, and as easy to read into a table.
template <typename Item, typename... Fields>
void write_columns(JsonWriter& json, std::string_view key, const std::vector<Item>& items,
                   const std::pair<const char*, Fields>&... fields) {
  json.key(key).begin_object();
  const auto write = [&](const char* name, double Item::* field) {
    std::vector<double> column;
    column.reserve(items.size());
    for (const Item& item : items) column.push_back(item.*field);
    json.key(name).values(std::span<const double>(column));
  };
  (write(fields.first, fields.second), ...);
  json.end_object();
}

template <typename Item, typename... Fields>
Status read_columns(const JsonReader& parent, std::string_view key, std::vector<Item>& items,
                    const std::pair<const char*, Fields>&... fields) {
  const JsonReader object = parent[key];
  bool first = true;
  const auto read = [&](const char* name, double Item::* field) -> Status {
    const auto column = VIGIE_TRY(object[name].numbers());
    if (column.size() > kMaxPoints) return object.refuse("more than " + std::to_string(kMaxPoints) + " points");
    if (first) items.resize(column.size());
    first = false;
    if (column.size() != items.size()) return object.refuse("its arrays differ in length");
    for (std::size_t i = 0; i < items.size(); ++i) items[i].*field = column[i];
    return {};
  };
  Status status;
  ((status = status ? read(fields.first, fields.second) : status), ...);
  return status;
}

// The fields of each curve in one place for both directions.
template <typename Visitor>
void visit_curves(Visitor&& visit, auto& scorer) {
  const auto x = std::pair("x", &CurvePoint::x);
  const auto y = std::pair("y", &CurvePoint::y);
  visit("roc", scorer.roc, x, y);
  visit("precision_recall", scorer.precision_recall, x, y);
  visit("thresholds", scorer.thresholds, std::pair("threshold", &ThresholdPoint::threshold),
        std::pair("precision", &ThresholdPoint::precision), std::pair("recall", &ThresholdPoint::recall),
        std::pair("f1", &ThresholdPoint::f1), std::pair("alert_rate", &ThresholdPoint::alert_rate));
  visit("calibration", scorer.calibration, std::pair("mean_score", &CalibrationBin::mean_score),
        std::pair("observed", &CalibrationBin::observed), std::pair("weight", &CalibrationBin::weight));
}

Result<ScorerEvaluation> read_scorer(const JsonReader& json) {
  ScorerEvaluation out;
  VIGIE_TRY(json.read("scorer", out.scorer));
  VIGIE_TRY(json.read("threshold", out.threshold));
  for (const Metric& metric : kMetrics) {
    const JsonReader measured = json["metrics"][metric.name];
    VIGIE_TRY(measured.read("value", (out.*metric.field).value));
    VIGIE_TRY(measured.read("low", (out.*metric.field).low));
    VIGIE_TRY(measured.read("high", (out.*metric.field).high));
  }
  const JsonReader confusion = json["confusion"];
  VIGIE_TRY(confusion.read("tp", out.confusion.tp));
  VIGIE_TRY(confusion.read("fp", out.confusion.fp));
  VIGIE_TRY(confusion.read("fn", out.confusion.fn));
  VIGIE_TRY(confusion.read("tn", out.confusion.tn));
  Status status;
  visit_curves(
      [&](std::string_view key, auto& items, const auto&... fields) {
        if (status) status = read_columns(json, key, items, fields...);
      },
      out);
  VIGIE_TRY(std::move(status));
  const JsonReader histogram = json["histogram"];
  VIGIE_TRY(histogram.read("negatives", out.histogram.negatives));
  VIGIE_TRY(histogram.read("positives", out.histogram.positives));
  if (out.histogram.negatives.size() != out.histogram.positives.size()) {
    return histogram.refuse("its arrays differ in length");
  }
  return out;
}

}  // namespace

const ScorerEvaluation* find_scorer(const Evaluation& evaluation, std::string_view scorer) {
  for (const ScorerEvaluation& candidate : evaluation.scorers) {
    if (candidate.scorer == scorer) return &candidate;
  }
  return nullptr;
}

void write_summary(JsonWriter& json, const Evaluation& evaluation) {
  json.begin_object().member("rows", evaluation.rows).member("positives", evaluation.positives);
  json.member("prevalence", evaluation.prevalence);
  if (const auto* ensemble = find_scorer(evaluation, "ensemble")) json.member("threshold", ensemble->threshold);
  for (const ScorerEvaluation& scorer : evaluation.scorers) {
    json.key(scorer.scorer).begin_object();
    for (const Metric& metric : kMetrics) json.member(metric.name, (scorer.*metric.field).value);
    json.member("threshold", scorer.threshold);
    write_confusion(json, scorer.confusion);
    json.key("interval").begin_object();
    for (const Metric& metric : kMetrics) {
      const double ends[] = {(scorer.*metric.field).low, (scorer.*metric.field).high};
      json.key(metric.name).values(std::span<const double>(ends));
    }
    json.end_object().end_object();
  }
  json.end_object();
}

std::string evaluation_json(const Evaluation& evaluation) {
  JsonWriter json(2);
  json.begin_object().member("rows", evaluation.rows).member("positives", evaluation.positives);
  json.member("prevalence", evaluation.prevalence).member("split", evaluation.split);
  json.key("scorers").begin_array();
  for (const ScorerEvaluation& scorer : evaluation.scorers) {
    json.begin_object().member("scorer", scorer.scorer).member("threshold", scorer.threshold);
    json.key("metrics").begin_object();
    for (const Metric& metric : kMetrics) {
      const Measured& measured = scorer.*metric.field;
      json.key(metric.name).begin_object().member("value", measured.value);
      json.member("low", measured.low).member("high", measured.high).end_object();
    }
    json.end_object();
    write_confusion(json, scorer.confusion);
    visit_curves([&](std::string_view key, const auto& items,
                     const auto&... fields) { write_columns(json, key, items, fields...); },
                 scorer);
    json.key("histogram").begin_object();
    json.key("negatives").values(std::span<const double>(scorer.histogram.negatives));
    json.key("positives").values(std::span<const double>(scorer.histogram.positives));
    json.end_object().end_object();
  }
  json.end_array();
  if (evaluation.prequential) {
    json.key("prequential");
    write_prequential(json, *evaluation.prequential);
  }
  json.end_object();
  return std::move(json).text() + "\n";
}

Result<Evaluation> parse_evaluation_json(const JsonReader& json) {
  Evaluation out;
  VIGIE_TRY(json.read("rows", out.rows));
  VIGIE_TRY(json.read("positives", out.positives));
  VIGIE_TRY(json.read("prevalence", out.prevalence));
  VIGIE_TRY(json.read("split", out.split));
  for (const JsonReader& scorer : VIGIE_TRY(json["scorers"].items(kMaxScorers))) {
    auto read = VIGIE_TRY(read_scorer(scorer));
    if (find_scorer(out, read.scorer) != nullptr) return scorer.refuse("\"" + read.scorer + "\" is there already");
    out.scorers.push_back(std::move(read));
  }
  if (const auto prequential = VIGIE_TRY(json.find("prequential"))) {
    out.prequential = VIGIE_TRY(parse_prequential(*prequential));
  }
  return out;
}

}  // namespace vigie::model
