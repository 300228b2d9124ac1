// vigie serve: loads the models, opens the edge, and waits for a signal.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>

#include "api/api.h"
#include "base/parallel.h"
#include "cli/config.h"
#include "cli/fraud_setup.h"
#include "cli/identity_setup.h"
#include "cli/login_link.h"
#include "cli/serve_greeting.h"
#include "cli/server_log.h"
#include "cli/session.h"
#include "cli/site.h"
#include "cli/state_folder.h"
#include "http/server.h"

namespace vigie::cli {
namespace {

// What was given on the command line; it goes over the file and the environment.
struct ServeFlags {
  std::string config;
  std::vector<std::string> models;
  std::optional<std::uint16_t> port;
  std::optional<std::string> host;
  std::optional<std::size_t> threads;
  std::optional<std::string> state;
  std::optional<std::string> auth;
};

Result<Auth> parse_auth(const std::string& text) {
  if (text == "local") return Auth::kLocal;
  if (text == "oidc") return Auth::kOidc;
  if (text == "none") return Auth::kNone;
  return fail(Code::kInvalidArgument, "there is no authentication \"" + text + "\" in this version",
              {.field = "--auth"},
              "give local (tokens of vigie token), oidc (of the provider in --config), or none, which serves this "
              "machine only");
}

bool is_loopback(const std::string& host) { return host == "::1" || host.starts_with("127."); }

// Without authentication only this machine is served.
Result<std::vector<std::string>> addresses_of(const std::string& host, Auth auth) {
  if (host == "localhost") return std::vector<std::string>{"127.0.0.1", "::1"};
  if (is_loopback(host) || auth != Auth::kNone) return std::vector<std::string>{host};
  return fail(Code::kInvalidArgument, "--auth none serves this machine only, and " + host + " is not its loopback",
              {.field = "--host"}, "give 127.0.0.1, ::1 or localhost");
}

// A flag that was given goes over what the file and the environment say.
template <typename Value>
void take_flag(const std::optional<Value>& given, const char* flag, const char* key, Value& value, Config& config) {
  if (!given) return;
  value = *given;
  config.origins[key] = {.from = Origin::From::kFlag, .place = {.field = flag}};
}

// "card=models/card"
Status take_model(const std::string& given, Config& config) {
  const std::pair<std::string_view, std::string*> kinds[] = {
      {"card", &config.card_model}, {"transaction", &config.transaction_model}, {"credit", &config.credit_model}};
  for (const auto& [kind, path] : kinds) {
    if (!given.starts_with(std::string(kind) + "=")) continue;
    const std::string key = "models." + std::string(kind);
    take_flag(std::optional(given.substr(kind.size() + 1)), "--model", key.c_str(), *path, config);
    return {};
  }
  return fail(Code::kInvalidArgument, "\"" + given + "\" does not say which model it is", {.field = "--model"},
              "give card=FOLDER, transaction=FOLDER or credit=FOLDER");
}

Result<Config> effective_config(const ServeFlags& flags) {
  Config config = VIGIE_TRY(read_config(flags.config));
  take_flag(flags.port, "--port", "server.port", config.port, config);
  take_flag(flags.host, "--host", "server.host", config.host, config);
  take_flag(flags.threads, "--threads", "server.threads", config.threads, config);
  take_flag(flags.state, "--state", "server.state", config.state, config);
  if (flags.auth) {
    const Auth auth = VIGIE_TRY(parse_auth(*flags.auth));
    take_flag(std::optional(auth), "--auth", "server.auth", config.auth, config);
  }
  for (const std::string& model : flags.models) VIGIE_TRY(take_model(model, config));
  const bool has_model =
      !config.card_model.empty() || !config.transaction_model.empty() || !config.credit_model.empty();
  // Rules alone make a service too, for those who say so.
  if (has_model || (config.fraud.on && config.origins.contains("fraud.on"))) return config;
  return fail(
      Code::kInvalidArgument, "there is no model to serve", {.field = "--model"},
      "give --model card=FOLDER, transaction=FOLDER or credit=FOLDER, or models in a --config file; for /fraude "
      "by rules alone, set fraud.on there");
}

// Where lines of the access log are written to, if anywhere.
Result<std::shared_ptr<http::AccessLog>> open_access_log(http::AccessLogOptions options) {
  if (options.to == "off") return nullptr;
  options.on_failure = [](const Error& error) {
    log_line("error", "lines of the access log are lost", {}, error.to_string());
  };
  return http::AccessLog::open(std::move(options));
}

// SIGTERM, SIGINT and SIGHUP wait for whoever asks, in this thread and those it starts.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGTERM);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int wait() const {
    int number = 0;
    ::sigwait(&signals_, &number);
    return number;
  }
  // One that asks for the end; others that wait are thrown away.
  bool end_arrived() const {
    const timespec none{};
    int number = 0;
    while ((number = ::sigtimedwait(&signals_, nullptr, &none)) > 0) {
      if (number != SIGHUP) return true;
    }
    return false;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

Status run(const ServeFlags& flags, Session& session) {
  const Config config = VIGIE_TRY(effective_config(flags));
  auto addresses = VIGIE_TRY(addresses_of(config.host, config.auth));
  const Signals signals;  // before there are threads
  const auto access_log = VIGIE_TRY(open_access_log(config.access_log));
  api::Services services;
  services.access_log = access_log;
  const bool first_start = !std::filesystem::exists(identity::LocalKeys::file(config.state));
  const bool secure = !config.tls.certificate_file.empty() || !config.tls.key_file.empty();
  VIGIE_TRY(add_identity(config, secure, services));
  const auto shown = std::make_shared<ConfigText>(config);
  services.config = [shown] { return shown->get(); };
  const StateFolder state = VIGIE_TRY(StateFolder::open(config.state));
  std::optional<FraudHistory> history;
  if (config.fraud.on) {
    history = VIGIE_TRY(open_fraud_history(config));
    services.fraud_waits = history->waits;
    services.fraud_watch =
        std::make_shared<api::FraudWatch>([](std::string_view level, std::string_view message,
                                             std::string_view reason) { log_line(level, message, {}, reason); });
    services.fraud_answers = std::make_shared<api::AnswerMemory>(config.fraud.answer_bytes);
    services.fraud_hash = VIGIE_TRY(KeyedHash::draw());
  }
  Site site = VIGIE_TRY(make_site(config, services, history));
  const auto server = VIGIE_TRY(http::Server::open({.addresses = addresses,
                                                    .port = config.port,
                                                    .share_port = config.share_port,
                                                    .threads = thread_count(config.threads),
                                                    .spin = std::chrono::microseconds(config.spin_us),
                                                    .limits = config.limits,
                                                    .tls = secure ? std::optional(config.tls) : std::nullopt,
                                                    .strict_transport = config.strict_transport,
                                                    .cors = config.cors,
                                                    .trusted_proxies = config.trusted_proxies,
                                                    .proxy_protocol = config.proxy_protocol,
                                                    .compression = config.compression,
                                                    .spool = config.spool,
                                                    .seed = unguessable_seed(),
                                                    .stopping = services.stopping,
                                                    .access_log = access_log,
                                                    .metrics = services.server_metrics},
                                                   site.router));
  const std::string name = addresses[0].find(':') == std::string::npos ? addresses[0] : "[" + addresses[0] + "]";
  const std::string url = (secure ? "https://" : "http://") + name + ":" + std::to_string(server->port());
  server->start();
  const std::string link =
      first_start && config.auth == Auth::kLocal
          ? VIGIE_TRY(make_login_link(config.state, config.public_url.empty() ? url : config.public_url,
                                      {.subject = "admin", .role = identity::Role::kAdmin}))
          : std::string();
  session.print(session.json() ? greeting_json(url, server->port(), site, link) : greeting(config, url, site, link));
  if (!secure && config.auth != Auth::kNone && !is_loopback(addresses[0])) {
    log_line("warn", "tokens travel in plain text: give server.tls, or a proxy that speaks TLS before this", {});
  }
  Serving serving{url, site.versions()};
  log_line("info", "started", serving);
  site = {};  // the server has it, until it has another

  Reloader reloader(*server, services, history, config, *shown, serving);
  int signal = 0;
  while ((signal = signals.wait()) == SIGHUP) reloader.reload(effective_config(flags));
  server->stop();
  log_line("info", "stopping", serving, signal == SIGINT ? "SIGINT" : "SIGTERM");
  while (!server->wait_for(http::Milliseconds(50))) {
    if (signals.end_arrived()) server->abort();  // asked twice
  }
  if (history && history->at_stop) {
    if (const Status kept = history->at_stop(); !kept) {
      log_line("error", "no snapshot of the history was made", serving, kept.error().to_string());
    }
  }
  log_line("info", "stopped", serving);
  return {};
}

}  // namespace

void add_serve_command(CLI::App& app, Session& session) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* const command = app.add_subcommand("serve", "Answer over HTTP with a trained model");
  command->add_option("--config", flags->config, "settings (vigie config default); flags go over it");
  command->add_option(
      "--model", flags->models,
      "what to serve, packages that vigie train wrote: card=FOLDER, transaction=FOLDER, credit=FOLDER; repeatable");
  command->add_option("--port", flags->port, "port to listen on; 0 takes a free one (default: 8080)");
  command->add_option("--host", flags->host,
                      "address to listen on; loopback only with --auth none (default: localhost)");
  command->add_option("--threads", flags->threads, "event loops (default: one for each core)");
  command->add_option("--state", flags->state, "folder for everything that the server keeps (default: state)");
  command->add_option("--auth", flags->auth,
                      "local: holders of tokens of vigie token; oidc: of a provider's; none: everybody, on this "
                      "machine only (default: local)");
  add_json_flag(*command, session);
  describe(
      *command,
      "SIGTERM or Ctrl-C finishes what runs, for up to 10 seconds; a second one ends at once. SIGHUP reads\n"
      "settings, models and the TLS certificate again, and opens the access log's file again; what is wrong changes\n"
      "nothing. Served is what there is a model for; /fraude goes by its rules where it has none.\n"
      "Examples:\n"
      "  vigie serve --model card=models/card\n"
      "  vigie serve --model card=models/card --model transaction=models/transaction --model credit=models/credit\n"
      "  vigie serve --model credit=models/credit\n"
      "  vigie serve --model card=models/card --port 9000 --threads 4 --state /var/lib/vigie\n"
      "  vigie serve --model card=models/card --auth none\n"
      "  vigie serve --config config.yaml\n");
  command->callback([flags, &session] { session.finish(run(*flags, session)); });
}

}  // namespace vigie::cli
