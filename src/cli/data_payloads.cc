// vigie data payloads: request bodies that the services accept, for vigie load, Postman or a first try.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/json_writer.h"
#include "base/number.h"
#include "cli/data_commands.h"
#include "load/payload_file.h"

namespace vigie::cli {
namespace {

struct PayloadFlags {
  std::string route = "predict";
  std::string format = "ndjson";
  std::string out;
  load::PayloadList list{.count = 1'000};
};

Status run(const PayloadFlags& options, Session& session) {
  load::PayloadList list = options.list;
  const auto route = load::find_route(options.route);
  if (!route || !load::has_body(*route)) {
    return fail(Code::kInvalidArgument, "no route \"" + options.route + "\" takes a payload", {.field = "--route"},
                "give predict, score or fraude");
  }
  const auto form = load::find_payload_form(options.format);
  if (!form) {
    return fail(Code::kInvalidArgument, "\"" + options.format + "\" is no form of payloads", {.field = "--format"},
                "give ndjson, json-array or postman");
  }
  list.route = *route;
  list.form = *form;
  VIGIE_TRY(load::write_payloads(list, options.out, session.progress()));
  std::string line = with_thousands(list.count) + " payloads for " + std::string(load::path_of(*route)) + ", seed " +
                     std::to_string(list.options.seed);
  if (session.json()) {
    JsonWriter json(2);
    json.begin_object().member("file", options.out).member("route", options.route).member("format", options.format);
    json.member("count", list.count).member("seed", list.options.seed).end_object();
    line = std::move(json).text();
  } else if (options.out != "-") {
    line = options.out + ": " + line;
  }
  if (options.out == "-") {
    session.note(line);
  } else {
    session.print(line + "\n");
  }
  return {};
}

}  // namespace

void add_data_payloads(CLI::App& data, Session& session) {
  auto options = std::make_shared<PayloadFlags>();
  auto* command = data.add_subcommand("payloads", "Write random valid request bodies, for load and for Postman");
  command->add_option("--route", options->route, "predict, score or fraude")->capture_default_str();
  command->add_option("--count", options->list.count, "how many")
      ->capture_default_str()
      ->check(CLI::Range(1ull, 100'000'000ull));
  command->add_option("--seed", options->list.options.seed, "another seed, other payloads")->capture_default_str();
  command
      ->add_option(
          "--first-serial", options->list.options.first_serial,
          "fraude: the number in the first transaction_id; a server answers one that it knows from its records")
      ->capture_default_str();
  command->add_option("--format", options->format, "ndjson, json-array or postman (a collection, schema v2.1)")
      ->capture_default_str();
  command->add_option("--base-url", options->list.base_url, "postman: the collection's variable base_url")
      ->capture_default_str();
  command->add_option("--out", options->out, "may end in .gz, .xz or .zst; - is standard output")
      ->required()
      ->type_name("FILE");
  add_json_flag(*command, session);
  describe(*command,
           "Examples:\n"
           "  vigie data payloads --route predict --count 10000 --out predict.ndjson\n"
           "  vigie data payloads --route fraude --count 100 --format postman --out fraude.postman_collection.json\n"
           "      Postman: Import, then Run; the variable base_url says which server\n"
           "  vigie data payloads --count 1 --out - |\n"
           "      curl -H \"Authorization: Bearer $(vigie token --role analyst)\" --json @- "
           "http://127.0.0.1:8080/predict\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
