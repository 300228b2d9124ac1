// POST /predict-batch: many card transactions in one body, JSON here and lines in line_batch.cc; answer_form.h says in
// which form the answer is. Rows are scored in blocks, and a bad row answers for itself while the others are scored.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "api/api.h"
#include "api/card_answer.h"
#include "api/card_body.h"
#include "api/errors.h"
#include "api/line_batch.h"
#include "api/row_problems.h"
#include "base/json_writer.h"
#include "base/number.h"

namespace vigie::api {
namespace {

using Seconds = std::chrono::duration<double>;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kBlock = 256;      // rows
constexpr std::size_t kRowProblems = 5;  // told in full of each bad row

// The answer to one batch while it grows: rows in the order they came.
class BatchAnswer {
 public:
  // `place`: what leads to a row, `"body"` or `"body", "transactions"`. `lines`: one a line, else separated by commas.
  BatchAnswer(const decision::CardService& service, const CardAnswer& answer, const DecisionIds& ids,
              std::string_view place, bool french, bool lines)
      : service_(service), answer_(answer), ids_(ids), place_(place), french_(french), lines_(lines) {
    rows_.reserve(kBlock * schema::kCardRaw);
    decisions_.resize(kBlock);
  }

  void add(std::size_t index, CardRow row, std::span<const Problem> problems) {
    if (problems.empty()) {
      rows_.insert(rows_.end(), row.begin(), row.end());
      if (rows_.size() == kBlock * schema::kCardRaw) score_block();
      return;
    }
    score_block();
    add_error(index, problems);
  }

  void score_block() {
    const std::size_t count = rows_.size() / schema::kCardRaw;
    if (count == 0) return;
    const auto begin = SteadyClock::now();
    const auto decisions = std::span(decisions_).first(count);
    service_.decide(rows_, decisions);
    const SteadyClock::duration time = SteadyClock::now() - begin;
    const double latency = Seconds(time).count() * 1e6 / static_cast<double>(count);
    scored_ += count;
    scoring_time_ += time;
    for (const domain::CardDecision& decision : decisions) {
      begin_row();
      answer_.append(out_, ids_.next(), decision, latency);
      end_row();
      frauds_ += decision.fraud ? 1 : 0;
    }
    rows_.clear();
  }

  // Once, when it is the answer that goes out.
  void record(decision::DecisionMetrics& metrics) const {
    if (scored_ > 0) metrics.record(scored_, frauds_, scoring_time_ / scored_);
  }

  std::size_t errors() const { return error_count_; }
  std::size_t total() const { return total_; }
  std::size_t frauds() const { return frauds_; }
  std::size_t size() const { return out_.size(); }
  void move_to(std::string& out) {
    out += out_;
    out_ = {};
  }

 private:
  void begin_row() {
    if (total_++ > 0 && !lines_) out_ += ", ";
  }
  void end_row() {
    if (lines_) out_ += '\n';
  }

  void add_error(std::size_t index, std::span<const Problem> problems) {
    begin_row();
    ++error_count_;
    const Problem& first = problems.front();
    JsonWriter json;
    json.begin_object().key("error").begin_object().member("index", index).key("field");
    if (first.field.empty()) {
      json.null();
    } else {
      json.value(first.field);
    }
    json.member("reason", message_of(first, french_)).member("problems", problems.size());
    json.key("detail").begin_array();
    for (const Problem& problem : problems.first(std::min(problems.size(), kRowProblems))) {
      Problem brief = problem;
      if (brief.kind == Problem::Kind::kMissing) brief.input.clear();  // the whole row, once for each missing field
      write_problem(json, brief, row_place(place_, index), french_);
    }
    json.end_array().end_object().end_object();
    out_ += json.text();
    end_row();
  }

  const decision::CardService& service_;
  const CardAnswer& answer_;
  const DecisionIds& ids_;
  std::string_view place_;
  bool french_;
  bool lines_;
  std::vector<double> rows_;
  std::vector<domain::CardDecision> decisions_;
  std::string out_;
  std::size_t total_ = 0;
  std::size_t scored_ = 0;
  SteadyClock::duration scoring_time_{};
  std::size_t frauds_ = 0;
  std::size_t error_count_ = 0;
};

class PredictBatch {
 public:
  explicit PredictBatch(const Services& services)
      : service_(services.card),
        answer_(*services.card),
        ids_(*services.clock, services.seed),
        metrics_(services.decision_metrics),
        probing_(services.probing) {}

  void operator()(const http::Request& request, http::Response& response) const {
    if (probing_ && probing_->refuse(request, response)) return;
    const auto begin = SteadyClock::now();
    const bool french = in_french(request);
    const auto fails = fails_of(request, french, response);
    if (!fails) return;
    const auto line = line_form(request.header("Content-Type"));
    const auto form = answer_form_of(request, line, response);
    if (!form) return;
    if (line) {
      const LineOptions options{.form = *line, .answer = *form, .fails = *fails, .french = french};
      return answer_lines(*service_, options, request.body, *metrics_, response);
    }
    const bool lines = form->form == BatchMedia::kNdjson;
    const auto first = request.body.find_first_not_of(" \t\r\n");
    const bool object = first != std::string_view::npos && request.body[first] == '{';
    const std::string_view place = object ? R"("body", "transactions")" : R"("body")";

    BatchReading reading;
    BatchAnswer answer(*service_, answer_, ids_, place, french, lines);
    std::size_t looked_at = 0;  // rows, by the reader that may give up
    const bool usual =
        read_batch_fast(request.body, reading, [&](std::size_t index, CardRow row, std::span<const Problem> none) {
          answer.add(index, row, none);
          if (probing_) probing_->observe(request, row);
          looked_at = index + 1;
        });
    const auto end = [&](BatchAnswer& rows) {
      if (lines) return finish_lines(rows, form->content_type, response);
      finish(rows, object, begin, response);
    };
    if (usual) return end(answer);

    BatchAnswer exact(*service_, answer_, ids_, place, french, lines);
    RowProblems bad(place, french);
    reading = read_batch(request.body, [&](std::size_t index, CardRow row, std::span<const Problem> problems) {
      if (*fails) bad.add(index, problems);
      if (!*fails || problems.empty()) exact.add(index, row, problems);
      if (probing_ && problems.empty() && index >= looked_at) probing_->observe(request, row);
    });
    if (reading.too_many_rows) {
      return answer_rejection({413, "more than 400000 rows: use several requests"}, request.header("Accept-Language"),
                              response);
    }
    if (reading.fault) return answer_malformed(*reading.fault, french, response);
    if (!reading.problems.empty()) return answer_invalid(reading.problems, R"("body")", french, response);
    if (bad.any()) {
      response.status = 422;
      response.body = std::move(bad).document();
      return;
    }
    end(exact);
  }

  // CSV and NDJSON of any length.
  void stream(const http::Request& request, http::BodyReader& body, http::ResponseStream& answer) const {
    if (probing_ && probing_->refuse(request, answer.response())) return;
    const bool french = in_french(request);
    const auto fails = fails_of(request, french, answer.response());
    if (!fails) return;
    const auto line = line_form(request.header("Content-Type"));
    const auto form = answer_form_of(request, line, answer.response());
    if (!form) return;
    const LineOptions options{.form = *line, .answer = *form, .fails = *fails, .french = french};
    stream_lines(*service_, options, body, *metrics_, answer);
  }

 private:
  // What ?on_error asks for; nothing where it is answered because it asks for something else.
  static std::optional<bool> fails_of(const http::Request& request, bool french, http::Response& response) {
    const std::string on_error = request.query_value("on_error");
    if (on_error == "fail") return true;
    if (on_error.empty() || on_error == "report") return false;
    const Problem problem{.kind = Problem::Kind::kLiteral, .expected = "'report', 'fail'"};
    answer_invalid({problem}, R"("query", "on_error")", french, response);
    return std::nullopt;
  }

  // What Accept asks for, of what a body in this form can be answered in; nothing where it is answered by 406.
  static std::optional<AnswerForm> answer_form_of(const http::Request& request, std::optional<LineForm> line,
                                                  http::Response& response) {
    response.add_header("Vary", "Accept");
    const BatchMedia own = line ? own_form(*line) : BatchMedia::kJson;
    auto form = choose_answer(request.header_list("Accept"), own);
    if (!form) answer_rejection({406, answers_offered(own)}, request.header("Accept-Language"), response);
    return form;
  }

  void finish_lines(BatchAnswer& answer, std::string_view content_type, http::Response& response) const {
    answer.score_block();
    answer.record(*metrics_);
    response.content_type = content_type;
    answer.move_to(response.body);
  }

  void finish(BatchAnswer& answer, bool object, SteadyClock::time_point begin, http::Response& response) const {
    answer.score_block();
    answer.record(*metrics_);
    response.body.reserve(answer.size() + 128);
    response.body = object ? R"({"predictions": [)" : "[";
    answer.move_to(response.body);
    response.body.push_back(']');
    if (!object) return;
    response.body += R"(, "total": )" + std::to_string(answer.total()) + R"(, "frauds": )" +
                     std::to_string(answer.frauds()) + R"(, "errors": )" + std::to_string(answer.errors()) +
                     R"(, "execution_time_ms": )";
    const double milliseconds = Seconds(SteadyClock::now() - begin).count() * 1e3;
    append_double(response.body, std::round(milliseconds * 1000) / 1000);
    response.body.push_back('}');
  }

  std::shared_ptr<const decision::CardService> service_;
  CardAnswer answer_;
  DecisionIds ids_;
  std::shared_ptr<decision::DecisionMetrics> metrics_;
  std::shared_ptr<ProbingWatch> probing_;
};

std::vector<std::string> line_media_types() {
  std::vector<std::string> types;
  for (const LineForm form : {LineForm::kCsv, LineForm::kNdjson}) {
    types.insert(types.end(), media_types(form).begin(), media_types(form).end());
  }
  return types;
}

}  // namespace

void add_predict_batch_route(http::Router& router, const Services& services) {
  auto batch = std::make_shared<const PredictBatch>(services);
  std::vector<std::string> types = line_media_types();
  types.insert(types.begin(), "application/json");
  router.add(
      {.method = http::Method::kPost,
       .path = "/predict-batch",
       .name = "predict_batch",
       .summary = "card fraud: many transactions in one body",
       .consumes = std::move(types),
       .body_limit = kBatchBodyLimit,
       .work = http::Work::kPool,
       .handler = [batch](const http::Request& request, http::Response& response) { (*batch)(request, response); },
       .stream = [batch](const http::Request& request, http::BodyReader& body,
                         http::ResponseStream& answer) { batch->stream(request, body, answer); },
       .streamed = line_media_types(),
       .stream_limit = kStreamedBodyLimit});
}

}  // namespace vigie::api
