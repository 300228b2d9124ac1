// vigie serve: loads the models, opens the edge, and waits for a signal.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <random>

#include "api/api.h"
#include "base/json_writer.h"
#include "base/number.h"
#include "base/parallel.h"
#include "base/version.h"
#include "cli/session.h"
#include "decision/card_service.h"
#include "http/server.h"
#include "schema/card.h"

namespace vigie::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::uint16_t port = 8080;
  std::string host = "localhost";
  std::size_t threads = 0;
  std::string state = "state";
  std::string auth;
};

using CardService = std::shared_ptr<const decision::CardService>;

// The folder for everything that a server keeps, its owner's alone, held by one server at a time.
class StateFolder {
 public:
  static Result<StateFolder> open(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("cannot create", path.native(), errno);
    const std::filesystem::path lock = path / "lock";
    const int descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return fail_errno("cannot write", lock.native(), errno);
    StateFolder folder(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return fail(Code::kFailedPrecondition, "another vigie serve uses this state folder", {.file = path.native()},
                  "stop it, or give --state another folder");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 || ::write(descriptor, pid.data(), pid.size()) < 0) {
      return fail_errno("cannot write", lock.native(), errno);
    }
    return folder;
  }
  StateFolder(StateFolder&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  StateFolder& operator=(StateFolder&&) = delete;
  ~StateFolder() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

 private:
  explicit StateFolder(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

Status check_auth(const std::string& auth) {
  if (auth == "none") return {};
  if (!auth.empty()) {
    return fail(Code::kInvalidArgument, "there is no authentication \"" + auth + "\" in this version",
                {.field = "--auth"}, "give --auth none, which serves this machine only");
  }
  return fail(Code::kInvalidArgument, "authentication arrives with a later version", {.field = "--auth"},
              "give --auth none, which serves this machine only (loopback)");
}

// Without authentication only this machine is served.
Result<std::vector<std::string>> loopback_addresses(const std::string& host) {
  if (host == "localhost") return std::vector<std::string>{"127.0.0.1", "::1"};
  if (host == "::1" || host.starts_with("127.")) return std::vector<std::string>{host};
  return fail(Code::kInvalidArgument, "--auth none serves this machine only, and " + host + " is not its loopback",
              {.field = "--host"}, "give 127.0.0.1, ::1 or localhost");
}

Result<std::filesystem::path> card_package(const std::vector<std::string>& models) {
  constexpr std::string_view kCard = "card=";
  if (models.size() != 1 || !models[0].starts_with(kCard) || models[0].size() == kCard.size()) {
    return fail(Code::kInvalidArgument, "one card model is needed, and this version serves no other kind",
                {.field = "--model"}, "give --model card=FOLDER");
  }
  return std::filesystem::path(models[0].substr(kCard.size()));
}

// A typical transaction: the medians of the training data.
std::array<double, schema::kCardRaw> example_row(const decision::CardService& service) {
  constexpr std::size_t kMedian = 4;  // of FeatureReference::quantiles
  std::array<double, schema::kCardRaw> row{};
  const auto fields = schema::card_raw_fields();
  for (const model::FeatureReference& feature : service.model().reference.features) {
    const auto index = schema::find(fields, feature.name);
    if (!index || feature.quantiles.size() <= kMedian) continue;
    const double median = feature.quantiles[kMedian];
    if (schema::accepts(fields[*index], median)) row[*index] = median;
  }
  return row;
}

Status self_check(const decision::CardService& service) {
  const double score = service.decide(example_row(service)).hybrid_score;
  if (std::isfinite(score) && score >= 0 && score <= 1) return {};
  return fail(Code::kInvalidData, "the model gives " + format_double(score) + " to a typical transaction",
              {.field = service.name()}, "train the model again");
}

std::string example_curl(const std::string& url, const decision::CardService& service) {
  const auto row = example_row(service);
  const auto fields = schema::card_raw_fields();
  std::string text = "curl -s " + url + "/predict -H 'Content-Type: application/json' -d '{\n";
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += i % 5 == 0 ? "  " : " ";
    append_json_string(text, fields[i].name);
    text += ": ";
    append_double(text, row[i]);
    text += i + 1 == row.size() ? "\n" : i % 5 == 4 ? ",\n" : ",";
  }
  return text + "}'\n";
}

std::string greeting(const std::string& url, const decision::CardService& service, const http::Router& router) {
  std::string text = "vigie " + std::string(kVersion) + " serves " + url + " (this machine only, no authentication)\n";
  text += "model card: " + service.name() + ", version " + service.version() + ", threshold " +
          format_double(service.threshold()) + "\n\n";
  for (const http::Route* route : router.routes()) {
    std::string line = "  " + std::string(http::to_string(route->method));
    line.resize(7, ' ');
    line += route->path;
    line.resize(std::max<std::size_t>(line.size() + 2, 24), ' ');
    text += line + route->summary + "\n";
  }
  return text + "\nTry it:\n\n" + example_curl(url, service) + "\n";
}

std::string greeting_json(const std::string& url, std::uint16_t port, const decision::CardService& service) {
  JsonWriter json;
  json.begin_object().member("url", url).member("port", port).key("model").begin_object();
  json.member("name", service.name()).member("version", service.version());
  json.member("threshold", service.threshold()).end_object().end_object();
  return std::move(json).text() + "\n";
}

// One line a start or stop, for whoever collects stderr.
void log_line(std::string_view message, const std::string& url, const decision::CardService& service,
              std::string_view reason = {}) {
  JsonWriter json;
  json.begin_object().member("@timestamp", format_time(system_clock().now())).member("log.level", "info");
  json.member("message", message).member("service.name", "vigie").member("service.version", kVersion);
  json.member("process.pid", ::getpid()).member("url.full", url);
  json.member("vigie.model", service.name()).member("vigie.model_version", service.version());
  if (!reason.empty()) json.member("event.reason", reason);
  json.end_object();
  const std::string line = std::move(json).text() + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

std::uint64_t unguessable() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

// SIGTERM and SIGINT wait for whoever asks, in this thread and those it starts.
class StopSignals {
 public:
  StopSignals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGTERM);
    ::sigaddset(&signals_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~StopSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int wait() const {
    int number = 0;
    ::sigwait(&signals_, &number);
    return number;
  }
  bool arrived() const {
    const timespec none{};
    return ::sigtimedwait(&signals_, nullptr, &none) > 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

Status run(const Options& options, Session& session) {
  VIGIE_TRY(check_auth(options.auth));
  auto addresses = VIGIE_TRY(loopback_addresses(options.host));
  const std::filesystem::path package = VIGIE_TRY(card_package(options.models));
  const CardService card = VIGIE_TRY(decision::CardService::load(package));
  VIGIE_TRY(self_check(*card));

  http::Router router;
  const auto explainer = VIGIE_TRY(decision::CardExplainer::make(card));
  const api::Services services{.card = card, .card_explainer = explainer, .seed = unguessable()};
  api::add_routes(router, services);
  const StopSignals signals;
  const auto server = VIGIE_TRY(http::Server::open({.addresses = addresses,
                                                    .port = options.port,
                                                    .threads = thread_count(options.threads),
                                                    .seed = unguessable(),
                                                    .metrics = services.server_metrics},
                                                   router));
  const StateFolder state = VIGIE_TRY(StateFolder::open(options.state));
  const std::string name = addresses[0].find(':') == std::string::npos ? addresses[0] : "[" + addresses[0] + "]";
  const std::string url = "http://" + name + ":" + std::to_string(server->port());
  server->start();
  session.print(session.json() ? greeting_json(url, server->port(), *card) : greeting(url, *card, router));
  log_line("started", url, *card);

  const int signal = signals.wait();
  server->stop();
  log_line("stopping", url, *card, signal == SIGINT ? "SIGINT" : "SIGTERM");
  while (!server->wait_for(http::Milliseconds(50))) {
    if (signals.arrived()) server->abort();  // asked twice
  }
  log_line("stopped", url, *card);
  return {};
}

}  // namespace

void add_serve_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* const command = app.add_subcommand("serve", "Answer over HTTP with a trained model");
  command->add_option("--model", options->models, "what to serve: card=FOLDER, a package that vigie train wrote");
  command->add_option("--port", options->port, "port to listen on; 0 takes a free one")->capture_default_str();
  command->add_option("--host", options->host, "address to listen on; loopback only with --auth none")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "event loops (default: one for each core)");
  command->add_option("--state", options->state, "folder for everything that the server keeps")->capture_default_str();
  command->add_option("--auth", options->auth, "none: no authentication, and only this machine is served");
  add_json_flag(*command, session);
  describe(*command,
           "SIGTERM or Ctrl-C finishes what runs, for up to 10 seconds; a second one ends at once.\n"
           "Examples:\n"
           "  vigie serve --model card=models/card --auth none\n"
           "  vigie serve --model card=models/card --auth none --port 9000 --threads 4 --state /var/lib/vigie\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
