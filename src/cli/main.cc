// vigie: one program, one subcommand per kind of work. Only this folder reads flags and the environment.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "base/version.h"
#include "cli/session.h"

namespace {

// The subcommand that the arguments got as far as: "vigie train card".
std::string reached(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app.get_name() : app.get_name() + " " + reached(*chosen.back());
}

// --help and --version end well; anything else is wrong usage, said in one line like every other error.
int usage_exit(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
  std::string message = error.what();
  if (const auto extras = app.remaining(true); !extras.empty()) {
    message = "there is no \"" + extras.front() + "\" here";
  }
  vigie::cli::put_error(message + "; see " + reached(app) + " --help");
  return 2;
}

// XGBoost's threads wait for each other many times a round, and GCC's OpenMP lets them spin for milliseconds: on a busy
// machine, or on fewer CPUs than --lanes, that multiplies training time by ten and more. A short spin costs an idle
// machine a tenth. The library reads this once, before main(), so a training process starts itself again with it. Where
// that fails, slow is better than not.
void spin_briefly(int argc, char** argv) {
  constexpr const char* kSpin = "GOMP_SPINCOUNT";
  const bool trains = std::any_of(argv, argv + argc, [](std::string_view word) { return word == "train"; });
  if (!trains || std::getenv(kSpin) != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (::setenv(kSpin, "10000", 0) == 0) ::execv("/proc/self/exe", argv);
}

}  // namespace

int main(int argc, char** argv) {
  spin_briefly(argc, argv);
  // A reader that left and a file grown past its limit are errors to report, not deaths.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  vigie::cli::Session session;
  CLI::App app{
      "Vigie trains fraud and credit models from a CSV, measures them, scores files and serves them over HTTP."};
  app.name("vigie");
  app.set_version_flag("--version", std::string("vigie ") + std::string(vigie::kVersion));
  app.require_subcommand(1);
  app.fallthrough();  // --quiet may come last
  app.failure_message(CLI::FailureMessage::simple);
  app.add_flag_callback("-q,--quiet", [&session] { session.set_quiet(); }, "no progress, no remarks");
  vigie::cli::describe(app,
                       "Examples:\n"
                       "  vigie data simulate card --rows 100000 --out card.csv\n"
                       "  vigie train card --data card.csv --out models/card\n"
                       "  vigie serve --model card=models/card\n"
                       "Each command has its own --help with examples.\n");
  vigie::cli::add_data_commands(app, session);
  vigie::cli::add_train_commands(app, session);
  vigie::cli::add_evaluate_command(app, session);
  vigie::cli::add_score_command(app, session);
  vigie::cli::add_explain_command(app, session);
  vigie::cli::add_model_commands(app, session);
  vigie::cli::add_rules_commands(app, session);
  vigie::cli::add_history_commands(app, session);
  vigie::cli::add_serve_command(app, session);
  vigie::cli::add_token_command(app, session);
  vigie::cli::add_config_command(app, session);
  vigie::cli::add_load_command(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage_exit(app, error);
  } catch (const std::bad_alloc&) {
    session.finish(
        vigie::fail(vigie::Code::kResourceExhausted, "out of memory", {}, "give less data or a larger machine"));
  } catch (const std::exception& error) {
    session.finish(
        vigie::fail(vigie::Code::kInternal, error.what(), {}, "please report this with the command you ran"));
  }
  return session.exit_code();
}
