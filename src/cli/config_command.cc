// vigie config: the file and the variables that vigie serve reads, as they are by default, as they stand, and whether
// they are right.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "cli/config.h"
#include "cli/rules_commands.h"
#include "cli/session.h"

namespace vigie::cli {
namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Status check(const std::string& file, Session& session) {
  std::vector<Error> problems = check_config_file(file);
  if (problems.empty()) session.print(file + " is right\n");
  for (Error& problem : problems) problem.code = Code::kInvalidData;  // the command was given well, the file is wrong
  return report_problems(problems);
}

Status show(const std::string& file, Session& session) {
  session.print(config_yaml(VIGIE_TRY(read_config(file))));
  return {};
}

}  // namespace

Result<Config> read_config(const std::string& file) {
  Config config;
  if (!file.empty()) VIGIE_TRY(read_config_file(file, config));
  VIGIE_TRY(read_config_environment(variable, config));
  VIGIE_TRY(fetch_values({}, config));
  VIGIE_TRY(check_providers(config));
  return config;
}

void add_config_command(CLI::App& app, Session& session) {
  CLI::App* const command = app.add_subcommand("config", "Print or check the configuration of vigie serve");
  command->require_subcommand(1);
  describe(
      *command,
      "Examples:\n"
      "  vigie config default > config.yaml\n"
      "  vigie config env > .env\n"
      "  vigie config check config.yaml\n"
      "  VIGIE_SERVER_PORT=9000 vigie config show --config config.yaml\n"
      "  VIGIE_OIDC_CLIENT_SECRET_FILE=/run/secrets/oidc vigie config show\n"
      "Secrets are shown as ********. `check` reads the file and the rules that it names, says every problem and ends\n"
      "with 1 where there is one; `show` also reads the files and runs the commands that secrets stand with, as\n"
      "serve does.\n");

  CLI::App* const defaults =
      command->add_subcommand("default", "Every setting with its default, as a file to start from");
  defaults->callback([&session] { session.print(config_yaml(starting_config())); });

  CLI::App* const variables =
      command->add_subcommand("env", "The variables worth setting in an environment, as an .env file to start from");
  variables->callback([&session] { session.print(env_example()); });

  auto file = std::make_shared<std::string>();
  CLI::App* const checked = command->add_subcommand("check", "Read a file, and say all that is wrong and where");
  checked->add_option("file", *file, "the file")->required();
  checked->callback([file, &session] { session.finish(check(*file, session)); });

  auto base = std::make_shared<std::string>();
  CLI::App* const shown =
      command->add_subcommand("show", "What serve would use: defaults, file, variables, and what they refer to");
  shown->add_option("--config", *base, "the file (default: none)");
  shown->callback([base, &session] { session.finish(show(*base, session)); });
}

}  // namespace vigie::cli
