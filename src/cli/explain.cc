#include <CLI/CLI.hpp>

#include "base/json_writer.h"
#include "base/number.h"
#include "cli/session.h"
#include "dataset/card_rows.h"
#include "dataset/csv.h"
#include "decision/card_explainer.h"

namespace vigie::cli {
namespace {

struct ExplainFlags {
  std::string model;
  std::string input;
  std::string language = "en";
  std::uint64_t rows = 10;
  std::size_t reasons = 5;
};

std::string in_words(const decision::CardExplainer& explainer, const decision::CardExplanation& explanation,
                     std::uint64_t line, double threshold, const ExplainFlags& options) {
  const bool french = options.language == "fr";
  const bool fraud = explanation.score > threshold;
  std::string text = (french ? "ligne " : "line ") + std::to_string(line) + ": ";
  text += french ? (fraud ? "fraude" : "normale") : (fraud ? "fraud" : "normal");
  text += ", score " + format_double(explanation.score) + (french ? ", seuil " : ", threshold ");
  text += format_double(threshold) + ", base " + format_double(explanation.base_score) + "\n";
  for (const decision::Reason& reason : explainer.reasons(explanation, options.reasons)) {
    text += "  " + decision::CardExplainer::text(reason, french) + "\n";
  }
  return text;
}

std::string in_json(const decision::CardExplainer& explainer, const decision::CardExplanation& explanation,
                    std::uint64_t line, double threshold, const ExplainFlags& options) {
  JsonWriter json;
  json.begin_object().member("line", line).member("fraud", explanation.score > threshold ? 1 : 0);
  json.member("hybrid_score", explanation.score).member("threshold_used", threshold);
  explainer.write(json, explanation, options.reasons, options.language == "fr");
  json.end_object();
  return std::move(json).text() + "\n";
}

Status run(const ExplainFlags& options, Session& session) {
  const auto service = VIGIE_TRY(decision::CardService::load(options.model));
  const auto explainer = VIGIE_TRY(decision::CardExplainer::make(service));
  auto reader = VIGIE_TRY(dataset::CsvReader::open(options.input, {.on_bad_row = dataset::OnBadRow::kReject}));
  const auto parser = VIGIE_TRY(dataset::CardBlockParser::make(reader.header(), {}));
  dataset::CsvBlock block;
  dataset::CardBlock rows;
  std::uint64_t left = options.rows == 0 ? ~std::uint64_t{0} : options.rows;
  while (left > 0 && VIGIE_TRY(reader.next(block))) {
    parser.parse(block, rows);
    if (!rows.bad.empty()) return std::unexpected(dataset::to_error(rows.bad.front(), reader.header().file));
    for (std::size_t i = 0; i < rows.rows.size() && left > 0; ++i, --left) {
      const features::CardRaw raw(rows.values.data() + i * schema::kCardRaw, schema::kCardRaw);
      const auto explanation = explainer->explain(raw);
      const std::uint64_t line = block.line(rows.rows[i]);
      session.print(session.json() ? in_json(*explainer, explanation, line, service->threshold(), options)
                                   : in_words(*explainer, explanation, line, service->threshold(), options));
    }
  }
  return {};
}

}  // namespace

void add_explain_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<ExplainFlags>();
  CLI::App* const command = app.add_subcommand("explain", "Say what moved a card model's score of each row of a file");
  command->add_option("--model", options->model, "package of a card model: a folder or a .tar.zst")->required();
  command->add_option("--input", options->input, "CSV file, plain or .gz/.xz/.zst; - is stdin")->required();
  command->add_option("--rows", options->rows, "explain the first so many rows; 0: all (default 10)");
  command->add_option("--reasons", options->reasons, "inputs to name for each row, most important first (default 5)")
      ->check(CLI::Range(std::size_t{1}, schema::kCardInputs));
  command->add_option("--language", options->language, "of the sentences: en or fr (default en)")
      ->check(CLI::IsMember({"en", "fr"}));
  add_json_flag(*command, session);
  describe(
      *command,
      "Contributions are exact Shapley values of the trees, carried through the ensemble: the base score and all of\n"
      "them add up to the score. With --json, one object a line.\n"
      "Examples:\n"
      "  vigie explain --model models/card --input suspects.csv --language fr\n"
      "  vigie explain --model models/card --input suspects.csv --rows 0 --json > reasons.ndjson\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
