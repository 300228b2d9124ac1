#include <CLI/CLI.hpp>

#include "base/json_writer.h"
#include "base/number.h"
#include "cli/choice_option.h"
#include "cli/session.h"
#include "decision/score_file.h"

namespace vigie::cli {
namespace {

struct ScoreFlags {
  std::string model;
  std::string input;
  std::string output;
  std::string rejects;
  dataset::OnBadRow on_bad_row = dataset::OnBadRow::kReject;
  bool members = false;
  std::size_t threads = 0;
};

Status run(const ScoreFlags& options, Session& session) {
  const auto service = VIGIE_TRY(decision::CardService::load(options.model));
  decision::ScoreFileOptions score{
      .members = options.members, .on_bad_row = options.on_bad_row, .threads = options.threads};
  score.rejects = options.rejects.empty() && options.output != "-" ? options.output + ".rejects.csv" : options.rejects;
  const auto report =
      VIGIE_TRY(decision::score_file(*service, options.input, options.output, score, session.progress()));
  if (session.json()) {
    JsonWriter json;
    json.begin_object()
        .member("rows", report.rows)
        .member("frauds", report.frauds)
        .member("rejected", report.rejected)
        .key("model")
        .begin_object()
        .member("name", service->name())
        .member("version", service->version())
        .end_object()
        .end_object();
    if (options.output != "-") session.print(std::move(json).text() + "\n");
    return {};
  }
  session.note(with_thousands(report.rows) + " rows scored by " + service->name() + " " + service->version() + ", " +
               with_thousands(report.frauds) + " of them fraud at threshold " + format_double(service->threshold()));
  if (report.rejected > 0) {
    session.note(
        with_thousands(report.rejected) + " rows could not be scored" +
        (score.rejects.empty() ? "; --rejects FILE keeps them with the reason" : ": see " + score.rejects.native()));
  }
  return {};
}

}  // namespace

void add_score_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<ScoreFlags>();
  CLI::App* const command =
      app.add_subcommand("score", "Score every row of a CSV, NDJSON or JSON file by a card model");
  command->add_option("--model", options->model, "package of a card model: a folder or a .tar.zst")->required();
  command->add_option("--input", options->input, "CSV, NDJSON or a JSON array, plain or .gz/.xz/.zst; - is stdin")
      ->required();
  command
      ->add_option("--output", options->output,
                   "file to write in the input's form, compressed by its suffix; - is stdout")
      ->required();
  command->add_flag("--members", options->members, "append each member's score too");
  command->add_option(
      "--rejects", options->rejects,
      "where rows that cannot be scored go (default: OUTPUT.rejects.csv, made only when there are any)");
  using dataset::OnBadRow;
  add_choice<OnBadRow>(*command, "--on-bad-row", options->on_bad_row,
                       {{"reject", OnBadRow::kReject}, {"fail", OnBadRow::kFail}},
                       "reject sets bad rows aside, fail stops at the first");
  command->add_option("--threads", options->threads, "how many threads to use (default: all; the result is the same)");
  add_json_flag(*command, session);
  describe(*command,
           "Appends hybrid_score and fraud to every row, in the order of the input, in constant memory.\n"
           "Examples:\n"
           "  vigie score --model models/card --input new.csv --output scored.csv\n"
           "  vigie score --model models/card --input new.csv.xz --output scored.csv.zst --members\n"
           "  vigie score --model models/card --input new.ndjson --output scored.ndjson\n"
           "  zcat big.csv.gz | vigie score --model models/card --input - --output - | head\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
