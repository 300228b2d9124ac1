#include <CLI/CLI.hpp>
#include <utility>

#include "base/number.h"
#include "cli/data_commands.h"

namespace vigie::cli {
namespace {

Result<std::pair<std::string, dataset::ColumnType>> parse_type(const std::string& text) {
  using dataset::ColumnType;
  const auto equals = text.rfind('=');
  if (equals != std::string::npos && equals > 0) {
    for (const auto type : {ColumnType::kNumber, ColumnType::kInteger, ColumnType::kText, ColumnType::kTimestamp}) {
      if (text.substr(equals + 1) == dataset::to_string(type)) return std::pair(text.substr(0, equals), type);
    }
  }
  return fail(Code::kInvalidArgument, "\"" + text + "\" is no column type", {.field = "--types"},
              "write COLUMN=TYPE with number, integer, text or timestamp, such as Class=integer");
}

}  // namespace

void add_data_flags(CLI::App& command, DataFlags& flags) {
  command.add_option("--data", flags.data, "CSV or NDJSON file, plain or .gz/.xz/.zst; - is standard input")
      ->required()
      ->type_name("FILE");
  command
      .add_option("--types", flags.types,
                  "column types that are not to be guessed: COLUMN=number|integer|text|timestamp")
      ->type_name("COLUMN=TYPE")
      ->delimiter(',');
  command.add_option("--missing-tokens", flags.missing, "texts that mean \"not known\", instead of the usual ones")
      ->type_name("TEXT")
      ->delimiter(',');
  command.add_option("--delimiter", flags.delimiter, "between the fields of a CSV; auto: found in the header")
      ->capture_default_str()
      ->type_name("CHAR");
  command.add_option("--rejects", flags.rejects, "put bad rows into this CSV with the reason, and go on without them")
      ->type_name("FILE");
  command.add_option("--threads", flags.threads, "0: as many as there are")->capture_default_str();
}

Result<dataset::ReadOptions> read_options(const DataFlags& flags) {
  dataset::ReadOptions options;
  if (flags.delimiter == "auto") {
    options.delimiter = '\0';
  } else if (flags.delimiter == "\\t" || flags.delimiter == "tab") {
    options.delimiter = '\t';
  } else if (flags.delimiter.size() == 1 && flags.delimiter != "\"" && flags.delimiter != "\n") {
    options.delimiter = flags.delimiter.front();
  } else {
    return fail(Code::kInvalidArgument, "\"" + flags.delimiter + "\" is no delimiter", {.field = "--delimiter"},
                "give one character, tab or auto");
  }
  for (const auto& text : flags.types) options.types.push_back(VIGIE_TRY(parse_type(text)));
  if (!flags.missing.empty()) options.missing = dataset::MissingTokens(flags.missing);
  if (!flags.rejects.empty()) {
    options.on_bad_row = dataset::OnBadRow::kReject;
    options.rejects = flags.rejects;
  }
  options.threads = flags.threads;
  return options;
}

Result<dataset::Reading> read_data(const DataFlags& flags, Session& session) {
  const auto options = VIGIE_TRY(read_options(flags));
  auto reading = VIGIE_TRY(dataset::read_table(flags.data, options, session.progress()));
  if (reading.rejected > 0) {
    session.note(with_thousands(reading.rejected) + " bad rows were put into " + flags.rejects);
  }
  return reading;
}

void add_data_commands(CLI::App& app, Session& session) {
  auto* data = app.add_subcommand("data", "Look at, clean, split, simulate and fetch data files, and make up requests");
  data->require_subcommand(1);
  describe(*data,
           "Examples:\n"
           "  vigie data simulate card --rows 100000 --out card.csv\n"
           "  vigie data describe --data card.csv --label Class\n"
           "  vigie data clean --data raw.csv --out clean.csv --missing median --duplicates drop --rejects bad.csv\n"
           "  vigie data split --data clean.csv --out-dir parts --label Class --test 0.2\n"
           "  vigie data fetch card --out-dir data\n"
           "  vigie data payloads --route predict --count 1000 --out predict.ndjson\n");
  add_data_clean(*data, session);
  add_data_describe(*data, session);
  add_data_split(*data, session);
  add_data_simulate(*data, session);
  add_data_fetch(*data, session);
  add_data_payloads(*data, session);
}

}  // namespace vigie::cli
