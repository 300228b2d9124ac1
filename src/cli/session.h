// What every command shares: where words go, how progress shows, how a run ends.
//
//   void add_train(CLI::App& parent, Session& session) {
//     auto options = std::make_shared<Options>();
//     auto* command = parent.add_subcommand("train", "...");
//     describe(*command, "Examples:\n  vigie train card --data card.csv --out models/card\n");
//     command->callback([options, &session] { session.finish(run(*options, session)); });
//   }
//
// stdout carries results only; progress, notes and errors go to stderr. No CLI11 here: it takes seconds to compile.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/progress.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace vigie::cli {

class Session {
 public:
  Session();
  ~Session();

  // A bar with rate and time left on a terminal, plain lines elsewhere, nothing with --quiet or --json.
  Progress& progress();
  bool json() const { return json_; }
  void set_json() { json_ = true; }
  void set_quiet() { quiet_ = true; }

  void print(std::string_view text);  // a result, to stdout, as it is
  void note(std::string_view line);   // a remark, to stderr; nothing with --quiet

  // The command's outcome. An error is printed as one line to stderr.
  void finish(const Status& status);
  int exit_code() const { return exit_code_; }  // 0 done, 1 the work failed, 2 wrong usage (kInvalidArgument)

 private:
  std::unique_ptr<Progress> progress_;
  bool json_ = false;
  bool quiet_ = false;
  int exit_code_ = 0;
};

// "vigie: ..." on stderr: how every failure reads.
void put_error(std::string_view message);

// Common to all commands: the footer with examples, and `--json` where `with_json`.
void describe(CLI::App& command, std::string_view examples);
void add_json_flag(CLI::App& command, Session& session);

// One file per command group; each adds its subcommands to `app`.
void add_data_commands(CLI::App& app, Session& session);
void add_train_commands(CLI::App& app, Session& session);
void add_evaluate_command(CLI::App& app, Session& session);
void add_score_command(CLI::App& app, Session& session);
void add_explain_command(CLI::App& app, Session& session);
void add_model_commands(CLI::App& app, Session& session);
void add_rules_commands(CLI::App& app, Session& session);
void add_history_commands(CLI::App& app, Session& session);
void add_serve_command(CLI::App& app, Session& session);
void add_config_command(CLI::App& app, Session& session);
void add_load_command(CLI::App& app, Session& session);
void add_token_command(CLI::App& app, Session& session);

}  // namespace vigie::cli
