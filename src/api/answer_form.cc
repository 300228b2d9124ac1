#include "api/answer_form.h"

#include <array>
#include <span>

#include "http/media_range.h"

namespace vigie::api {
namespace {

constexpr AnswerForm kJson = {BatchMedia::kJson, "application/json"};
constexpr AnswerForm kNdjson = {BatchMedia::kNdjson, "application/x-ndjson"};
constexpr AnswerForm kNdjsonToo = {BatchMedia::kNdjson, "application/ndjson"};
constexpr AnswerForm kJsonl = {BatchMedia::kNdjson, "application/jsonl"};
constexpr AnswerForm kCsv = {BatchMedia::kCsv, "text/csv; charset=utf-8"};

// The body's own first.
std::span<const AnswerForm> offered(BatchMedia own) {
  static constexpr std::array kToJson = {kJson, kNdjson, kNdjsonToo, kJsonl};
  static constexpr std::array kToNdjson = {kNdjson, kNdjsonToo, kJsonl, kJson};
  static constexpr std::array kToCsv = {kCsv, kNdjson, kNdjsonToo, kJsonl, kJson};
  switch (own) {
    case BatchMedia::kJson: return kToJson;
    case BatchMedia::kNdjson: return kToNdjson;
    case BatchMedia::kCsv: return kToCsv;
  }
  return {};
}

}  // namespace

std::optional<AnswerForm> choose_answer(std::string_view accept, BatchMedia own) {
  std::optional<AnswerForm> best;
  double quality = 0;
  for (const AnswerForm& form : offered(own)) {
    const std::string_view type = form.content_type.substr(0, form.content_type.find(';'));
    const double liked = http::accept_quality(accept, type);
    if (liked <= quality) continue;
    best = form;
    quality = liked;
  }
  return best;
}

std::string_view answers_offered(BatchMedia own) {
  return own == BatchMedia::kCsv
             ? "a body in CSV is answered in text/csv, application/x-ndjson or application/json: accept one of them"
             : "a body in JSON or NDJSON is answered in application/json or application/x-ndjson: accept one of them";
}

}  // namespace vigie::api
