#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "cli/data_commands.h"
#include "dataset/fetch.h"

namespace vigie::cli {
namespace {

struct FetchFlags {
  std::string name;
  dataset::FetchOptions fetch;
  std::string folder = "data";
};

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

// The environment first, then Kaggle's own file; never the command line, which other users of the machine can read.
Result<std::optional<dataset::KaggleCredentials>> credentials() {
  dataset::KaggleCredentials found{environment("KAGGLE_USERNAME"), environment("KAGGLE_KEY")};
  if (!found.user.empty() && !found.key.empty()) return found;
  if (!found.user.empty() || !found.key.empty()) {
    return fail(Code::kInvalidArgument, found.user.empty() ? "KAGGLE_USERNAME is not set" : "KAGGLE_KEY is not set",
                {.field = "environment"}, "set both KAGGLE_USERNAME and KAGGLE_KEY, or neither");
  }
  const std::string config = environment("KAGGLE_CONFIG_DIR");
  const std::string home = environment("HOME");
  if (config.empty() && home.empty()) return std::nullopt;
  const auto path =
      (config.empty() ? std::filesystem::path(home) / ".kaggle" : std::filesystem::path(config)) / "kaggle.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  return VIGIE_TRY(dataset::parse_kaggle_json(VIGIE_TRY(read_file(path, 65'536)), path.native()));
}

Status run(FetchFlags options, Session& session) {
  const auto* known = VIGIE_TRY(dataset::find_known(options.name));
  options.fetch.folder = options.folder;
  const auto fetched = VIGIE_TRY(dataset::fetch(*known, VIGIE_TRY(credentials()), options.fetch, session.progress()));
  if (session.json()) {
    JsonWriter json(2);
    json.begin_object()
        .member("file", fetched.file.native())
        .member("bytes", fetched.bytes)
        .member("sha256", fetched.sha256)
        .member("was_there", fetched.was_there)
        .member("resumed_at", fetched.resumed_at)
        .end_object();
    session.print(json.text() + "\n");
    return {};
  }
  session.print(fetched.file.native() + ": " + with_thousands(fetched.bytes) + " bytes, SHA-256 " + fetched.sha256 +
                (fetched.was_there ? ", was there and is unchanged\n" : "\n"));
  return {};
}

}  // namespace

void add_data_fetch(CLI::App& data, Session& session) {
  auto options = std::make_shared<FetchFlags>();
  auto* command = data.add_subcommand("fetch", "Download a public data set from Kaggle with your own account");
  std::string sets;
  for (const auto& known : dataset::known_datasets()) {
    sets += "  " + std::string(known.name) + std::string(8 - known.name.size(), ' ') + std::string(known.about) + "\n";
  }
  command->add_option("name", options->name, "which data set; see below")->required();
  command->add_option("--out-dir", options->folder, "where the file goes")->capture_default_str()->type_name("DIR");
  command->add_option("--sha256", options->fetch.sha256, "what the file's hash must be, instead of the known one")
      ->type_name("HEX");
  command->add_flag("--force", options->fetch.force, "fetch again although the file is there");
  command->add_option("--base-url", options->fetch.base_url)->group("");  // for tests against a local server
  add_json_flag(*command, session);
  describe(*command, "Data sets:\n" + sets +
                         "Credentials come from KAGGLE_USERNAME and KAGGLE_KEY, or from ~/.kaggle/kaggle.json.\n"
                         "A download that was cut goes on where it stopped when the command is run again.\n"
                         "Examples:\n"
                         "  vigie data fetch card --out-dir data\n"
                         "  vigie train card --data data/creditcard.csv --out models/card\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
