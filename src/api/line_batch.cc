#include "api/line_batch.h"

#include <algorithm>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "api/errors.h"
#include "api/row_problems.h"
#include "decision/batch.h"
#include "decision/batch_csv.h"
#include "decision/batch_json.h"
#include "decision/score_columns.h"
#include "http/router.h"
#include "schema/card.h"

namespace vigie::api {
namespace {

using decision::BadRows;

std::string_view name_of(LineForm form) { return form == LineForm::kCsv ? "CSV" : "NDJSON"; }

bool is_blank(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Error empty_body(LineForm form, bool french) {
  if (form == LineForm::kCsv) {
    return {Code::kInvalidData, french
                                    ? "le corps est vide: une ligne de noms de colonnes puis les lignes sont attendues"
                                    : "The body is empty: send a line of column names, then the rows"};
  }
  return {Code::kInvalidData, french ? "le corps est vide: un objet JSON par ligne est attendu"
                                     : "The body is empty: send one JSON object a line"};
}

Status check_size(const dataset::CsvHeader& header) {
  const Place place{.line = 1};
  if (header.names.size() > kMostColumns) {
    return fail(Code::kResourceExhausted,
                "the header has " + std::to_string(header.names.size()) + " columns, and at most " +
                    std::to_string(kMostColumns) + " are taken here",
                place, "leave out columns that you do not need");
  }
  if (std::ranges::any_of(header.names, [](const auto& name) { return name.size() > kLongestColumnName; })) {
    return fail(Code::kResourceExhausted,
                "a column's name is longer than " + std::to_string(kLongestColumnName) + " bytes", place, "shorten it");
  }
  return {};
}

std::vector<Problem> header_problems(const dataset::CsvHeader& header, std::span<const std::string> reserved) {
  std::vector<Problem> problems;
  for (const schema::Field& field : schema::card_raw_fields()) {
    if (!header.find(field.name)) problems.push_back({.field = std::string(field.name)});
  }
  for (const std::string& name : reserved) {
    if (header.find(name)) problems.push_back({.kind = Problem::Kind::kReserved, .field = name});
  }
  return problems;
}

decision::Written written(const LineOptions& options) {
  if (options.answer.form == BatchMedia::kJson) return decision::Written::kArray;
  return options.answer.form == own_form(options.form) ? decision::Written::kAsRead : decision::Written::kLines;
}

struct Opening {
  std::unique_ptr<decision::BatchForm> rows;  // where there are no problems
  std::vector<Problem> problems;              // of the header
};

Result<Opening> open_rows(const decision::CardService& service, const LineOptions& options,
                          std::unique_ptr<dataset::ByteSource> source) {
  const BadRows bad_rows = options.fails ? BadRows::kLeftOut : BadRows::kInPlace;
  const decision::FormOptions form{.bad_rows = bad_rows, .written = written(options)};
  if (options.form == LineForm::kNdjson) {
    auto reader = VIGIE_TRY(dataset::JsonRowReader::open(std::move(source), {.array = false}));
    return Opening{decision::json_form(std::move(reader), service, form), {}};
  }
  auto reader = VIGIE_TRY(decision::open_csv(std::move(source)));
  VIGIE_TRY(check_size(reader.header()));
  const decision::ScoreColumns columns(service, form.members);
  auto problems = header_problems(reader.header(), columns.reserved(bad_rows));
  if (!problems.empty()) return Opening{nullptr, std::move(problems)};
  return Opening{VIGIE_TRY(decision::csv_form(std::move(reader), service, form)), {}};
}

void refuse(const Error& error, const LineOptions& options, http::Response& response) {
  answer_unreadable(error, name_of(options.form), options.french, response);
}

// A request's body as the dataset's readers want it.
class StreamedBody : public dataset::ByteSource {
 public:
  explicit StreamedBody(http::BodyReader& body) : body_(body) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = VIGIE_TRY(body_.read(into));
    position_ += size;
    return size;
  }
  const std::string& name() const override { return name_; }
  std::uint64_t position() const override { return position_; }

 private:
  http::BodyReader& body_;
  std::uint64_t position_ = 0;
  std::string name_ = "body";
};

// Counts decisions as they are told.
class Told {
 public:
  explicit Told(decision::DecisionMetrics& metrics) : metrics_(metrics) {}
  void advance_to(const decision::BatchReport& report) {
    metrics_.record(report.rows - rows_, report.frauds - frauds_);
    rows_ = report.rows;
    frauds_ = report.frauds;
  }

 private:
  decision::DecisionMetrics& metrics_;
  std::uint64_t rows_ = 0;
  std::uint64_t frauds_ = 0;
};

}  // namespace

const std::vector<std::string>& media_types(LineForm form) {
  static const std::vector<std::string> csv = {"text/csv"};
  static const std::vector<std::string> ndjson = {"application/x-ndjson", "application/ndjson", "application/jsonl"};
  return form == LineForm::kCsv ? csv : ndjson;
}

BatchMedia own_form(LineForm form) { return form == LineForm::kCsv ? BatchMedia::kCsv : BatchMedia::kNdjson; }

std::optional<LineForm> line_form(std::string_view content_type) {
  for (const LineForm form : {LineForm::kCsv, LineForm::kNdjson}) {
    if (http::media_type_is_one_of(content_type, media_types(form))) return form;
  }
  return std::nullopt;
}

void answer_lines(const decision::CardService& service, const LineOptions& options, std::string_view body,
                  decision::DecisionMetrics& metrics, http::Response& response) {
  if (is_blank(body)) return refuse(empty_body(options.form, options.french), options, response);
  auto opening = open_rows(service, options, dataset::bytes_in_memory(body, "body"));
  if (!opening) return refuse(opening.error(), options, response);
  if (!opening->problems.empty()) {
    return answer_invalid(opening->problems, R"("body", "header")", options.french, response);
  }

  std::string& out = response.body;
  out.reserve(body.size() + body.size() / 2);
  RowProblems bad(R"("body", "line")", options.french);
  const decision::BatchSink sink{.write = [&](std::string_view text) -> Status {
                                   if (out.size() + text.size() > kMostAnswerBytes) {
                                     return fail(Code::kResourceExhausted, "the answer is larger than 128 MiB", {},
                                                 "correct the bad rows, or use several requests");
                                   }
                                   if (!bad.any()) out += text;
                                   return {};
                                 },
                                 .reject = [&](const dataset::BadRow& row) -> Status {
                                   if (!options.fails) return {};
                                   const Problem problem{
                                       .kind = Problem::Kind::kRow, .field = row.field, .reason = row.reason};
                                   bad.add(row.at_line, {&problem, 1});
                                   if (bad.full())
                                     return fail(Code::kInvalidData, "there are more bad rows than are told");
                                   return {};
                                 },
                                 .progress = [](const decision::BatchReport&, std::uint64_t) {}};
  // One thread: requests are what runs beside each other here.
  const auto report = decision::score_batch(service, *opening->rows, sink, 1);
  if (!report && !bad.full()) return refuse(report.error(), options, response);
  if (bad.any()) {
    response.status = 422;
    out = std::move(bad).document();
    return;
  }
  response.content_type = options.answer.content_type;
  Told(metrics).advance_to(*report);
}

namespace {

// Reads all, and answers as to a body that came whole.
void answer_held(const decision::CardService& service, const LineOptions& options, http::BodyReader& body,
                 decision::DecisionMetrics& metrics, http::Response& response) {
  constexpr std::size_t kPiece = 256 * 1024;
  std::string held;
  while (true) {
    const std::size_t at = held.size();
    held.resize(at + kPiece);
    const auto size = body.read(std::span(held).subspan(at));
    if (!size) return;  // the edge has answered
    held.resize(at + *size);
    if (*size == 0) return answer_lines(service, options, held, metrics, response);
    if (held.size() > kBatchBodyLimit) {
      const Error error{Code::kResourceExhausted,
                        "with on_error=fail a body is held whole, up to 64 MiB",
                        {},
                        "use several requests, or leave on_error out"};
      return refuse(error, options, response);
    }
  }
}

}  // namespace

void stream_lines(const decision::CardService& service, const LineOptions& options, http::BodyReader& body,
                  decision::DecisionMetrics& metrics, http::ResponseStream& answer) {
  http::Response& response = answer.response();
  if (options.fails) return answer_held(service, options, body, metrics, response);
  auto peeked = dataset::peek_at(std::make_unique<StreamedBody>(body));
  if (!peeked) return;  // the edge has answered, here and wherever reading fails
  if (peeked->first == '\0') return refuse(empty_body(options.form, options.french), options, response);
  auto opening = open_rows(service, options, std::move(peeked->source));
  if (!opening) return refuse(opening.error(), options, response);
  if (!opening->problems.empty()) {
    return answer_invalid(opening->problems, R"("body", "header")", options.french, response);
  }

  // What stands before all rows waits for them, so that a body which is unreadable from the start is told so by its
  // status.
  bool has_head = false;
  Told told(metrics);
  const decision::BatchSink sink{
      .write = [&](std::string_view text) -> Status {
        if (!std::exchange(has_head, true)) {
          response.body = text;
          return {};
        }
        if (!answer.started()) {
          response.content_type = options.answer.content_type;
          VIGIE_TRY(answer.start());
        }
        return answer.write(text);
      },
      .reject = [](const dataset::BadRow&) -> Status { return {}; },
      .progress = [&](const decision::BatchReport& so_far, std::uint64_t) { told.advance_to(so_far); }};
  const auto report = decision::score_batch(service, *opening->rows, sink, 1);
  if (report) {
    std::ignore = answer.finish();  // where the client has gone, nobody is left to tell
  } else if (!answer.started()) {
    refuse(report.error(), options, response);
  }
}

}  // namespace vigie::api
