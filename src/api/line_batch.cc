#include "api/line_batch.h"

#include <algorithm>
#include <memory>
#include <span>
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
using decision::BatchForm;

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

struct Opening {
  std::unique_ptr<BatchForm> rows;  // where there are no problems
  std::vector<Problem> problems;    // of the header
};

Result<Opening> open_rows(const decision::CardService& service, LineForm form, std::string_view body,
                          BadRows bad_rows) {
  auto source = dataset::bytes_in_memory(body, "body");
  const decision::FormOptions options{.bad_rows = bad_rows};
  if (form == LineForm::kNdjson) {
    auto reader = VIGIE_TRY(dataset::JsonRowReader::open(std::move(source), {.array = false}));
    return Opening{decision::json_form(std::move(reader), service, options), {}};
  }
  auto reader = VIGIE_TRY(decision::open_csv(std::move(source)));
  VIGIE_TRY(check_size(reader.header()));
  const decision::ScoreColumns columns(service, options.members);
  auto problems = header_problems(reader.header(), columns.reserved(bad_rows));
  if (!problems.empty()) return Opening{nullptr, std::move(problems)};
  return Opening{VIGIE_TRY(decision::csv_form(std::move(reader), service, options)), {}};
}

}  // namespace

const std::vector<std::string>& media_types(LineForm form) {
  static const std::vector<std::string> csv = {"text/csv"};
  static const std::vector<std::string> ndjson = {"application/x-ndjson", "application/ndjson", "application/jsonl"};
  return form == LineForm::kCsv ? csv : ndjson;
}

std::optional<LineForm> line_form(std::string_view content_type) {
  for (const LineForm form : {LineForm::kCsv, LineForm::kNdjson}) {
    if (http::media_type_is_one_of(content_type, media_types(form))) return form;
  }
  return std::nullopt;
}

decision::BatchReport answer_lines(const decision::CardService& service, LineForm form, std::string_view body,
                                   bool fails, bool french, http::Response& response) {
  const auto refuse = [&](const Error& error) {
    answer_unreadable(error, name_of(form), french, response);
    return decision::BatchReport{};
  };
  if (is_blank(body)) return refuse(empty_body(form, french));
  auto opening = open_rows(service, form, body, fails ? BadRows::kLeftOut : BadRows::kInPlace);
  if (!opening) return refuse(opening.error());
  if (!opening->problems.empty()) {
    answer_invalid(opening->problems, R"("body", "header")", french, response);
    return {};
  }

  std::string& out = response.body;
  out.reserve(body.size() + body.size() / 2);
  RowProblems bad(R"("body", "line")", french);
  const decision::BatchSink sink{.write = [&](std::string_view text) -> Status {
                                   if (out.size() + text.size() > kMostAnswerBytes) {
                                     return fail(Code::kResourceExhausted, "the answer is larger than 128 MiB", {},
                                                 "correct the bad rows, or use several requests");
                                   }
                                   if (!bad.any()) out += text;
                                   return {};
                                 },
                                 .reject = [&](const dataset::BadRow& row) -> Status {
                                   if (!fails) return {};
                                   const Problem problem{
                                       .kind = Problem::Kind::kRow, .field = row.field, .reason = row.reason};
                                   bad.add(row.at_line, {&problem, 1});
                                   if (bad.full())
                                     return fail(Code::kInvalidData, "there are more bad rows than are told");
                                   return {};
                                 },
                                 .progress = [](std::uint64_t, std::uint64_t) {}};
  // One thread: requests are what runs beside each other here.
  const auto report = decision::score_batch(service, *opening->rows, sink, 1);
  if (!report && !bad.full()) return refuse(report.error());
  if (bad.any()) {
    response.status = 422;
    out = std::move(bad).document();
    return {};
  }
  response.content_type = form == LineForm::kCsv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  return *report;
}

}  // namespace vigie::api
