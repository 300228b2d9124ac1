#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "base/json_writer.h"
#include "cli/data_commands.h"
#include "dataset/clean.h"

namespace vigie::cli {
namespace {

struct CleanFlags {
  DataFlags input;
  std::string out;
  std::string missing = "error";
  std::string fill;
  std::vector<std::string> missing_for;  // "COLUMN=RULE"
  std::vector<std::string> columns;
  std::string duplicates = "keep";
};

Result<dataset::CleanOptions> clean_options(const CleanFlags& options) {
  dataset::CleanOptions clean;
  if ((options.missing == "constant") == options.fill.empty()) {
    return fail(Code::kInvalidArgument,
                options.fill.empty() ? "--missing constant needs a value" : "--fill goes with --missing constant only",
                {.field = "--fill"}, "give --missing constant --fill VALUE");
  }
  clean.missing =
      VIGIE_TRY(dataset::parse_missing_rule(options.fill.empty() ? options.missing : "constant=" + options.fill));
  for (const auto& text : options.missing_for) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::kInvalidArgument, "\"" + text + "\" names no column and rule", {.field = "--missing-for"},
                  "write COLUMN=RULE, such as Amount=median or country=constant=FR");
    }
    clean.overrides.emplace_back(text.substr(0, equals),
                                 VIGIE_TRY(dataset::parse_missing_rule(text.substr(equals + 1))));
  }
  clean.columns = options.columns;
  clean.duplicates = options.duplicates == "drop" ? dataset::Duplicates::kDrop : dataset::Duplicates::kKeep;
  return clean;
}

Status run(const CleanFlags& options, Session& session) {
  const auto clean = VIGIE_TRY(clean_options(options));
  auto reading = VIGIE_TRY(read_data(options.input, session));
  auto [table, report] = VIGIE_TRY(dataset::clean(std::move(reading.table), clean));
  VIGIE_TRY(dataset::write_table(table, options.out));
  if (session.json()) {
    JsonWriter json(2);
    json.begin_object().member("file", options.out).member("rejected", reading.rejected).key("cleaning");
    report.write_json(json);
    json.end_object();
    session.print(json.text() + "\n");
  } else if (options.out == "-") {
    session.note(report.to_text());
  } else {
    session.print(report.to_text());
  }
  return {};
}

}  // namespace

void add_data_clean(CLI::App& data, Session& session) {
  auto options = std::make_shared<CleanFlags>();
  auto* command = data.add_subcommand("clean", "Deal with missing values, duplicates and bad rows; say what was done");
  add_data_flags(*command, options->input);
  command
      ->add_option("--out", options->out, "where the clean rows go; the form by suffix: .csv, .ndjson, + .gz/.xz/.zst")
      ->required()
      ->type_name("FILE");
  command->add_option("--missing", options->missing, "what to do about a missing value")
      ->capture_default_str()
      ->check(CLI::IsMember({"error", "drop", "median", "constant"}));
  command->add_option("--fill", options->fill, "the value that --missing constant puts in")->type_name("VALUE");
  command->add_option("--missing-for", options->missing_for, "another rule for one column")
      ->type_name("COLUMN=RULE")
      ->delimiter(',');
  command->add_option("--columns", options->columns, "look for missing values in these columns only")
      ->type_name("COLUMN")
      ->delimiter(',');
  command->add_option("--duplicates", options->duplicates, "rows that are equal in every column")
      ->capture_default_str()
      ->check(CLI::IsMember({"keep", "drop"}));
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data clean --data raw.csv --out clean.csv\n"
           "      stops at the first missing value or bad row and says where it is\n"
           "  vigie data clean --data raw.csv.gz --out clean.csv.zst --missing median --duplicates drop\n"
           "  vigie data clean --data raw.csv --out clean.csv --missing drop --missing-for country=constant=FR \\\n"
           "      --rejects bad.csv\n"
           "Medians come from the file itself: clean the training part and the rest apart if that matters.\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
