#include <CLI/CLI.hpp>
#include <memory>

#include "base/json_writer.h"
#include "cli/data_commands.h"
#include "dataset/describe.h"

namespace vigie::cli {
namespace {

struct DescribeFlags {
  DataFlags input;
  std::string label;
  std::string weights;
};

Status run(const DescribeFlags& options, Session& session) {
  const auto reading = VIGIE_TRY(read_data(options.input, session));
  const auto description =
      VIGIE_TRY(dataset::describe(reading.table, {.label = options.label, .weights = options.weights}));
  if (!session.json()) {
    session.print(description.to_text());
    return {};
  }
  JsonWriter json(2);
  description.write_json(json);
  session.print(json.text() + "\n");
  return {};
}

}  // namespace

void add_data_describe(CLI::App& data, Session& session) {
  auto options = std::make_shared<DescribeFlags>();
  auto* command = data.add_subcommand("describe", "Show each column's type, missing values, quantiles and histogram");
  add_data_flags(*command, options->input);
  command->add_option("--label", options->label, "the column of classes, whose balance is shown")->type_name("COLUMN");
  command->add_option("--weights", options->weights, "a column of row weights")->type_name("COLUMN");
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data describe --data card.csv.xz --label Class\n"
           "  vigie data describe --data applicants.csv --types postcode=text --json\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
