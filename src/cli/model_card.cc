#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/model_commands.h"
#include "model/card.h"
#include "model/credit_card.h"
#include "model/package_contents.h"
#include "model/transaction_model.h"

namespace vigie::cli {
namespace {

struct CardFlags {
  std::string package;
  std::string out;
};

// Drawn anew from the package's content: the same bytes as the stored card when the same version of vigie made it.
Result<std::string> draw(const std::string& package) {
  const model::PackageInfo info = VIGIE_TRY(model::verify_package(package));
  if (info.kind == model::kCreditKind) {
    return model::credit_card_html(VIGIE_TRY(model::read_credit_package(package)).model, info.files);
  }
  if (info.kind == model::kTransactionKind) {
    return model::card_html(VIGIE_TRY(model::read_transaction_package(package)).model, info.files);
  }
  return model::card_html(VIGIE_TRY(model::read_package(package)).model, info.files);
}

Status run(const CardFlags& options, Session& session) {
  const std::string html = VIGIE_TRY(draw(options.package));
  if (options.out.empty()) {
    session.print(html);
    return {};
  }
  VIGIE_TRY(write_file(options.out, html));
  session.note("wrote " + options.out);
  return {};
}

}  // namespace

void add_model_card(CLI::App& parent, Session& session) {
  auto* const command = parent.add_subcommand("card", "write the model card, one self-contained HTML page");
  const auto options = std::make_shared<CardFlags>();
  command->add_option("package", options->package, "the package: a folder or a .tar.zst")->required();
  command->add_option("--out", options->out, "the file to write; standard output without it");
  describe(*command,
           "Examples:\n"
           "  vigie model card models/card --out card.html\n"
           "  vigie model card card.tar.zst > card.html\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
