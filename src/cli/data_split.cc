#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <memory>
#include <span>

#include "base/json_writer.h"
#include "base/number.h"
#include "cli/data_commands.h"
#include "dataset/split.h"

namespace vigie::cli {
namespace {

struct SplitFlags {
  DataFlags input;
  std::string out_dir;
  std::string label = "Class";
  std::string by_time;
  double test = 0.2;
  unsigned folds = 0;
  std::uint64_t seed = 0;
  std::string form = "csv";
};

struct Part {
  std::string name;
  std::vector<std::uint32_t> rows;
};

Result<const dataset::Column*> column_of(const dataset::Table& table, const std::string& name, const char* flag) {
  if (const auto* column = table.find(name)) return column;
  std::string names;
  for (const auto& column : table.columns()) names += (names.empty() ? "" : ", ") + column.name();
  return fail(Code::kInvalidArgument, "there is no column \"" + name + "\"", {.field = flag},
              "choose one of: " + names);
}

// Classes as small numbers: whole values from 0 to 255 as they are, texts by their order of appearance.
Result<std::vector<std::uint8_t>> labels_of(const dataset::Column& column) {
  const auto bad = [&](std::size_t row, std::string what) {
    return fail(Code::kInvalidData, "row " + with_thousands(row + 1) + " " + std::move(what), {.field = column.name()},
                "give a label column of at most 256 classes, without missing values (vigie data clean)");
  };
  std::vector<std::uint8_t> labels(column.size());
  std::vector<double> numbers;
  if (column.type() != dataset::ColumnType::kText) numbers = VIGIE_TRY(column.to_numbers());
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (column.missing(row)) return bad(row, "has no label");
    const double value = numbers.empty() ? static_cast<double>(column.text().codes()[row]) : numbers[row];
    if (!(value >= 0 && value <= 255 && value == std::floor(value))) {
      return bad(row, "has label " + (numbers.empty() ? std::string(column.text().at(row)) : format_double(value)));
    }
    labels[row] = static_cast<std::uint8_t>(value);
  }
  return labels;
}

Result<std::vector<Part>> parts_of(const SplitFlags& options, const dataset::Table& table) {
  if (!options.by_time.empty()) {
    const auto* column = VIGIE_TRY(column_of(table, options.by_time, "--by-time"));
    auto split = VIGIE_TRY(dataset::split_by_time(VIGIE_TRY(column->to_numbers()), options.test));
    return std::vector<Part>{{"train", std::move(split.train)}, {"test", std::move(split.test)}};
  }
  const auto* column = VIGIE_TRY(column_of(table, options.label, "--label"));
  const auto labels = VIGIE_TRY(labels_of(*column));
  if (options.folds == 0) {
    auto split = VIGIE_TRY(dataset::split_random(labels, options.test, options.seed));
    return std::vector<Part>{{"train", std::move(split.train)}, {"test", std::move(split.test)}};
  }
  const auto assignment = VIGIE_TRY(dataset::fold_assignment(labels, options.folds, options.seed));
  std::vector<Part> parts;
  for (unsigned fold = 0; fold < options.folds; ++fold) {
    parts.push_back({"fold-" + std::to_string(fold + 1), dataset::fold_split(assignment, fold).test});
  }
  return parts;
}

Status run(const SplitFlags& options, Session& session) {
  const auto reading = VIGIE_TRY(read_data(options.input, session));
  const auto parts = VIGIE_TRY(parts_of(options, reading.table));
  std::error_code error;
  std::filesystem::create_directories(options.out_dir, error);
  if (error) return fail_errno("cannot create", options.out_dir, error.value());

  JsonWriter json(2);
  json.begin_object().key("parts").begin_array();
  std::string text;
  session.progress().begin("write", reading.table.rows(), "rows");
  std::uint64_t written = 0;
  for (const auto& part : parts) {
    const auto path = std::filesystem::path(options.out_dir) / (part.name + "." + options.form);
    VIGIE_TRY(dataset::write_table(reading.table.take(part.rows), path));
    session.progress().advance_to(written += part.rows.size());
    json.begin_object().member("file", path.native()).member("rows", part.rows.size()).end_object();
    text += path.native() + ": " + with_thousands(part.rows.size()) + " rows\n";
  }
  session.progress().end();
  json.end_array().end_object();
  session.print(session.json() ? json.text() + "\n" : text);
  return {};
}

}  // namespace

void add_data_split(CLI::App& data, Session& session) {
  auto options = std::make_shared<SplitFlags>();
  auto* command = data.add_subcommand("split", "Part a file into training and test rows, or into folds");
  add_data_flags(*command, options->input);
  command->add_option("--out-dir", options->out_dir, "folder for train and test, or fold-1 to fold-K")
      ->required()
      ->type_name("DIR");
  auto* label = command->add_option("--label", options->label, "classes that every part has its share of")
                    ->capture_default_str()
                    ->type_name("COLUMN");
  auto* by_time = command->add_option("--by-time", options->by_time, "the latest rows by this column are the test")
                      ->type_name("COLUMN");
  auto* test =
      command->add_option("--test", options->test, "share of test rows, above 0 and under 1")->capture_default_str();
  auto* folds = command->add_option("--folds", options->folds, "this many folds (2 to 255), a file each")
                    ->check(CLI::Range(2u, 255u));
  command->add_option("--seed", options->seed, "another seed, another draw")->capture_default_str();
  command->add_option("--form", options->form, "of the files written")
      ->capture_default_str()
      ->check(CLI::IsMember({"csv", "csv.gz", "csv.xz", "csv.zst", "ndjson", "ndjson.gz", "ndjson.xz", "ndjson.zst"}));
  by_time->excludes(label)->excludes(folds);
  folds->excludes(test);
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data split --data card.csv --out-dir parts --label Class --test 0.2 --seed 1\n"
           "      train.csv and test.csv with the same share of frauds, drawn at random\n"
           "  vigie data split --data card.csv --out-dir parts --by-time Time\n"
           "      the last fifth is the test; rows of one moment stay together\n"
           "  vigie data split --data card.csv --out-dir parts --folds 5\n"
           "      fold-1.csv to fold-5.csv: each in turn is the test, the other four the training\n"
           "The same file, seed and shares give the same parts on every machine.\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
