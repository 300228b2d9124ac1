// `vigie data ...`, one file per subcommand. No CLI11 here.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/session.h"
#include "dataset/read.h"

namespace vigie::cli {

void add_data_clean(CLI::App& data, Session& session);
void add_data_describe(CLI::App& data, Session& session);
void add_data_split(CLI::App& data, Session& session);
void add_data_simulate(CLI::App& data, Session& session);
void add_data_fetch(CLI::App& data, Session& session);
void add_data_payloads(CLI::App& data, Session& session);

// How a command reads its file: --data and what goes with it, the same for every subcommand that reads one.
struct DataFlags {
  std::string data;
  std::string rejects;
  std::string delimiter = ",";
  std::vector<std::string> types;    // "COLUMN=TYPE"
  std::vector<std::string> missing;  // replaces the default tokens
  std::size_t threads = 0;
};

void add_data_flags(CLI::App& command, DataFlags& flags);
Result<dataset::ReadOptions> read_options(const DataFlags& flags);
// Reads the file and says on stderr how many rows were set aside.
Result<dataset::Reading> read_data(const DataFlags& flags, Session& session);

}  // namespace vigie::cli
