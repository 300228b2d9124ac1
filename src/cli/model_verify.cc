#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/json_writer.h"
#include "cli/model_commands.h"
#include "model/package.h"

namespace vigie::cli {
namespace {

Status verify(const std::string& path, Session& session) {
  const model::PackageInfo info = VIGIE_TRY(model::verify_package(path));
  if (session.json()) {
    JsonWriter json(2);
    json.begin_object().member("valid", true).member("version", info.version).member("kind", info.kind);
    json.member("format", info.format).member("files", info.files.size()).end_object();
    session.print(std::move(json).text() + "\n");
    return {};
  }
  session.print(fmt::format("{}: {} model {}, {} files, every hash as sealed\n", path, info.kind, info.version,
                            info.files.size()));
  return {};
}

}  // namespace

void add_model_commands(CLI::App& app, Session& session) {
  auto* const group = app.add_subcommand("model", "look into model packages");
  group->require_subcommand(1);
  describe(*group,
           "Examples:\n"
           "  vigie model verify models/card\n"
           "  vigie model show models/card\n"
           "  vigie model card models/card --out card.html\n");
  add_model_verify(*group, session);
  add_model_show(*group, session);
  add_model_card(*group, session);
}

void add_model_verify(CLI::App& parent, Session& session) {
  auto* const command =
      parent.add_subcommand("verify", "check that a package is whole and unchanged: every file's SHA-256");
  const auto path = std::make_shared<std::string>();
  command->add_option("package", *path, "the package: a folder or a .tar.zst")->required();
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie model verify models/card\n"
           "  vigie model verify card.tar.zst --json\n");
  command->callback([path, &session] { session.finish(verify(*path, session)); });
}

}  // namespace vigie::cli
