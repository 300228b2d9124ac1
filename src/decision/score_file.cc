#include "decision/score_file.h"

#include "base/parallel.h"
#include "dataset/bytes.h"
#include "dataset/read.h"
#include "decision/batch_csv.h"
#include "decision/batch_json.h"

namespace vigie::decision {
namespace {

// How many rows there will be, as far as the part read tells; 0 where the input has no known size.
std::uint64_t expected_rows(std::uint64_t rows, std::uint64_t position, std::uint64_t size) {
  if (size == 0 || position == 0) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(rows) * static_cast<double>(size) /
                                    static_cast<double>(position));
}

using dataset::FileForm;

Status check_paths(const std::filesystem::path& input, const std::filesystem::path& output) {
  std::error_code ignored;
  if (std::filesystem::equivalent(input, output, ignored)) {
    return fail(Code::kInvalidArgument, "input and output are the same file", {.file = input.native()},
                "give another --output");
  }
  return {};
}

// By the input's suffix, or else by its first byte; rows go out in the form in which they came.
Result<std::unique_ptr<BatchForm>> open_form(const std::filesystem::path& input, const std::filesystem::path& output,
                                             const CardService& service, bool members) {
  auto source = VIGIE_TRY(dataset::open_bytes(input));
  auto form = dataset::form_by_suffix(input);
  if (!form) {
    auto peeked = VIGIE_TRY(dataset::peek_at(std::move(source)));
    form = peeked.first == '{' || peeked.first == '[' ? FileForm::kNdjson : FileForm::kCsv;
    source = std::move(peeked.source);
  }
  const bool csv = *form == FileForm::kCsv;
  if (dataset::form_by_suffix(output).value_or(*form) != *form) {
    return fail(Code::kInvalidArgument,
                std::string("the input is ") + (csv ? "CSV" : "JSON") + " and the output is not",
                {.file = output.native()},
                csv ? "give an --output that ends in .csv" : "give an --output that ends in .ndjson or .json");
  }
  const FormOptions options{.members = members};
  if (csv) return csv_form(VIGIE_TRY(open_csv(std::move(source))), service, options);
  return json_form(VIGIE_TRY(dataset::JsonRowReader::open(std::move(source), {})), service, options);
}

}  // namespace

Result<BatchReport> score_file(const CardService& service, const std::filesystem::path& input,
                               const std::filesystem::path& output, const ScoreFileOptions& options,
                               Progress& progress) {
  VIGIE_TRY(check_paths(input, output));
  const auto form = VIGIE_TRY(open_form(input, output, service, options.members));
  auto output_sink = VIGIE_TRY(dataset::ByteSink::create(output));
  dataset::RejectFile rejects(options.rejects);
  const BatchSink sink{.write = [&](std::string_view text) { return output_sink.write(text); },
                       .reject = [&](const dataset::BadRow& row) -> Status {
                         if (options.on_bad_row == dataset::OnBadRow::kFail)
                           return std::unexpected(to_error(row, form->name()));
                         return rejects.add(row);
                       },
                       .progress =
                           [&](const BatchReport& so_far, std::uint64_t position) {
                             const std::uint64_t rows = so_far.rows + so_far.rejected;
                             progress.set_total(expected_rows(rows, position, form->size()));
                             progress.advance_to(rows);
                           }};
  progress.begin("scoring", 0, "rows");
  const BatchReport report = VIGIE_TRY(score_batch(service, *form, sink, thread_count(options.threads)));
  progress.end();
  if (report.rows == 0 && report.rejected == 0) {
    return fail(Code::kInvalidData, "the file has no rows", {.file = form->name()}, "give a file with rows");
  }
  VIGIE_TRY(rejects.commit());
  VIGIE_TRY(output_sink.commit());
  return report;
}

}  // namespace vigie::decision
