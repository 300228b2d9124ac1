#include "decision/score_csv.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/number.h"
#include "base/parallel.h"
#include "dataset/bytes.h"
#include "dataset/card_rows.h"
#include "dataset/csv.h"

namespace vigie::decision {
namespace {

constexpr std::string_view kScoreColumn = "hybrid_score";
constexpr std::string_view kFraudColumn = "fraud";

// One block on its way from text to scored text; reused from block to block.
struct Lane {
  dataset::CsvBlock block;
  dataset::CardBlock rows;
  std::vector<domain::CardDecision> decisions;
  std::string text;
  std::uint64_t frauds = 0;
};

std::vector<std::string> appended_columns(const CardService& service, bool members) {
  std::vector<std::string> columns = {std::string(kScoreColumn), std::string(kFraudColumn)};
  if (members) columns.insert(columns.end(), service.members().begin(), service.members().end());
  return columns;
}

Result<std::string> header_line(const dataset::CsvHeader& header, const std::vector<std::string>& appended) {
  std::string line;
  for (const std::string& name : header.names) {
    if (!line.empty()) line += header.delimiter;
    dataset::append_csv_field(line, name, header.delimiter);
  }
  for (const std::string& name : appended) {
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

void score_block(const CardService& service, const dataset::CardBlockParser& parser, char delimiter, bool members,
                 Lane& lane) {
  parser.parse(lane.block, lane.rows);
  lane.decisions.resize(lane.rows.rows.size());
  service.decide(lane.rows.values, lane.decisions);
  lane.text.clear();
  lane.frauds = 0;
  for (std::size_t i = 0; i < lane.decisions.size(); ++i) {
    const domain::CardDecision& decision = lane.decisions[i];
    lane.text += lane.block.record(lane.rows.rows[i]);
    lane.text += delimiter;
    append_double(lane.text, decision.hybrid_score);
    lane.text += delimiter;
    lane.text += decision.fraud ? '1' : '0';
    if (members) {
      for (std::size_t m = 0; m < service.members().size(); ++m) {
        lane.text += delimiter;
        append_double(lane.text, decision.member_scores[m]);
      }
    }
    lane.text += '\n';
    lane.frauds += decision.fraud ? 1 : 0;
  }
}

}  // namespace

Result<ScoreCsvReport> score_csv(const CardService& service, const std::filesystem::path& input,
                                 const std::filesystem::path& output, const ScoreCsvOptions& options,
                                 Progress& progress) {
  std::error_code ignored;
  if (std::filesystem::equivalent(input, output, ignored)) {
    return fail(Code::kInvalidArgument, "input and output are the same file", {.file = input.native()},
                "give another --output");
  }
  // Bad rows come with their block in either case, so that which one is first does not depend on threads.
  auto reader = VIGIE_TRY(dataset::CsvReader::open(input, {.on_bad_row = dataset::OnBadRow::kReject}));
  const dataset::CsvHeader& header = reader.header();
  const auto parser = VIGIE_TRY(dataset::CardBlockParser::make(header, {}));
  const std::string first_line = VIGIE_TRY(header_line(header, appended_columns(service, options.members)));

  auto sink = VIGIE_TRY(dataset::ByteSink::create(output));
  dataset::RejectFile rejects(options.rejects);
  VIGIE_TRY(sink.write(first_line));
  const std::size_t threads = thread_count(options.threads);
  std::vector<Lane> lanes(threads * 2);
  ScoreCsvReport report;
  std::uint64_t read_rows = 0;
  const std::uint64_t bytes = reader.bytes_total();
  progress.begin("scoring", 0, "rows");
  for (bool more = true; more;) {
    std::size_t filled = 0;
    while (filled < lanes.size() && (more = VIGIE_TRY(reader.next(lanes[filled].block)))) ++filled;
    parallel_for(threads, filled,
                 [&](std::size_t i) { score_block(service, parser, header.delimiter, options.members, lanes[i]); });
    for (std::size_t i = 0; i < filled; ++i) {
      Lane& lane = lanes[i];
      for (const dataset::BadRow& bad : lane.rows.bad) {
        if (options.on_bad_row == dataset::OnBadRow::kFail) {
          return std::unexpected(dataset::to_error(bad, header.file));
        }
        VIGIE_TRY(rejects.add(bad));
      }
      VIGIE_TRY(sink.write(lane.text));
      report.rows += lane.decisions.size();
      report.frauds += lane.frauds;
      read_rows += lane.decisions.size() + lane.rows.bad.size();
    }
    progress.set_total(bytes > 0 && reader.bytes_read() > 0
                           ? static_cast<std::uint64_t>(static_cast<double>(read_rows) * static_cast<double>(bytes) /
                                                        static_cast<double>(reader.bytes_read()))
                           : 0);
    progress.advance_to(read_rows);
  }
  progress.end();
  report.rejected = rejects.count();
  if (report.rows == 0 && report.rejected == 0) {
    return fail(Code::kInvalidData, "the file has a header but no rows", {.file = header.file},
                "give a file with rows");
  }
  VIGIE_TRY(rejects.commit());
  VIGIE_TRY(sink.commit());
  return report;
}

}  // namespace vigie::decision
