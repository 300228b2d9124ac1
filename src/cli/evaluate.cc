#include <CLI/CLI.hpp>
#include <optional>

#include "base/json_writer.h"
#include "base/parallel.h"
#include "cli/evaluation_text.h"
#include "cli/session.h"
#include "dataset/card_rows.h"
#include "decision/card_service.h"
#include "training/metrics.h"
#include "training/prevalence.h"

namespace vigie::cli {
namespace {

struct EvaluateFlags {
  std::string model;
  std::string data;
  std::string rejects;
  std::optional<double> prevalence;
  std::size_t threads = 0;
  std::uint32_t replicates = 200;
};

// A member's own threshold is the one that its training chose; a package that measured none falls back to 0.5.
double threshold_of(const model::CardModel& model, std::string_view scorer) {
  if (scorer == model::kEnsemble) return model.threshold.value;
  for (const model::ScorerEvaluation& measured : model.evaluation.scorers) {
    if (measured.scorer == scorer) return measured.threshold;
  }
  return 0.5;
}

Status run(const EvaluateFlags& options, Session& session) {
  const auto service = VIGIE_TRY(decision::CardService::load(options.model));
  dataset::CardRowsOptions read{
      .on_bad_row = options.rejects.empty() ? dataset::OnBadRow::kFail : dataset::OnBadRow::kReject,
      .rejects = options.rejects,
      .threads = options.threads};
  const auto rows = VIGIE_TRY(dataset::read_card_rows(options.data, read, session.progress()));
  const std::vector<double> weights = VIGIE_TRY(training::prevalence_weights(rows.labels, options.prevalence));
  const std::size_t threads = thread_count(options.threads);

  std::vector<domain::CardDecision> decisions(rows.rows());
  session.progress().begin("scoring", rows.rows(), "rows");
  parallel_blocks(threads, rows.rows(), 8192, [&](std::size_t begin, std::size_t end) {
    service->decide(std::span(rows.values).subspan(begin * schema::kCardRaw, (end - begin) * schema::kCardRaw),
                    std::span(decisions).subspan(begin, end - begin));
  });
  session.progress().advance_to(rows.rows());
  session.progress().end();

  model::Evaluation evaluation;
  evaluation.rows = rows.rows();
  evaluation.split = "file " + options.data;
  std::vector<double> scores(rows.rows());
  const training::EvaluationOptions measure{.replicates = options.replicates, .seed = 0, .threads = threads};
  for (std::size_t member = 0; member <= service->members().size(); ++member) {
    const bool ensemble = member == service->members().size();
    const std::string_view scorer = ensemble ? model::kEnsemble : std::string_view(service->members()[member]);
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = ensemble ? decisions[i].hybrid_score : decisions[i].member_scores[member];
    }
    evaluation.scorers.push_back(VIGIE_TRY(training::evaluate_scorer(scorer, scores, rows.labels, weights,
                                                                     threshold_of(service->model(), scorer), measure)));
  }
  double total = 0;
  double positive = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    evaluation.positives += rows.labels[i];
    total += weights.empty() ? 1 : weights[i];
    positive += (weights.empty() ? 1 : weights[i]) * rows.labels[i];
  }
  evaluation.prevalence = positive / total;

  if (session.json()) {
    JsonWriter json(2);
    model::write_summary(json, evaluation);
    session.print(std::move(json).text() + "\n");
  } else {
    session.print(evaluation_text(evaluation));
  }
  if (rows.rejected > 0) session.note(std::to_string(rows.rejected) + " rows could not be used and were left out");
  return {};
}

}  // namespace

void add_evaluate_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<EvaluateFlags>();
  CLI::App* const command = app.add_subcommand("evaluate", "Measure a card model on labelled data");
  command->add_option("--model", options->model, "package of a card model: a folder or a .tar.zst")->required();
  command->add_option("--data", options->data, "labelled CSV or NDJSON file, plain or compressed")->required();
  command->add_option("--prevalence", options->prevalence,
                      "true share of frauds, where the file was under-sampled: normal rows are weighted up to it");
  command->add_option("--replicates", options->replicates,
                      "bootstrap samples for the 95 % intervals; 0: none (default 200)");
  command->add_option(
      "--rejects", options->rejects,
      "leave out rows that cannot be used and write them here with the reason (default: stop at the first)");
  command->add_option("--threads", options->threads, "how many threads to use (default: all; the result is the same)");
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie evaluate --model models/card --data holdout.csv.xz\n"
           "  vigie evaluate --model models/card --data holdout.csv --prevalence 0.00172749 --json\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
