// vigie load: asks a server for as much as it is told to, and reports how it bore it.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdlib>
#include <memory>

#include "base/clock.h"
#include "base/file.h"
#include "cli/session.h"
#include "load/load_client.h"
#include "load/report.h"
#include "load/request_list.h"
#include "load/saturation.h"

namespace vigie::cli {
namespace {

struct LoadFlags {
  std::string url = "http://127.0.0.1:8080";
  std::string mix = "predict";
  std::vector<std::string> paths;
  std::vector<std::string> payloads;
  std::uint64_t seed = 1;
  std::string rate;
  std::uint32_t steps = 10;
  std::string duration = "10s";
  std::string warmup = "1s";
  std::string timeout = "5s";
  load::LoadPlan plan;
  bool find_saturation = false;
  std::string step = "2s";
  std::vector<std::string> headers;
  std::string token_file;
  std::string allowed_host;
  load::Trust trust;
  std::string html;
};

std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

// The first Ctrl-C ends the run and reports what was measured until then; the second one ends the program.
void stop_on_interrupt() {
  struct sigaction action{};
  action.sa_handler = [](int) { stop_asked.store(true); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
}

Result<load::LoadPlan> make_plan(const LoadFlags& options) {
  load::LoadPlan plan = options.plan;
  plan.mix = VIGIE_TRY(load::parse_mix(options.mix));
  VIGIE_TRY(load::set_paths(options.paths, plan.mix));
  const load::Nanoseconds length = VIGIE_TRY(load::parse_duration(options.duration, "--duration"));
  plan.stages = VIGIE_TRY(load::parse_stages(options.rate, length, options.steps));
  plan.warmup = VIGIE_TRY(load::parse_duration(options.warmup, "--warmup"));
  plan.timeout = VIGIE_TRY(load::parse_duration(options.timeout, "--timeout"));
  // A transaction that the server has in its records would be answered from them: each run has its own.
  plan.first_serial = static_cast<std::uint64_t>(system_clock().now().time_since_epoch().count());
  VIGIE_TRY(load::check(plan));
  return plan;
}

Result<load::RequestHeaders> make_headers(const LoadFlags& options) {
  constexpr std::uint64_t kLongestToken = 64 << 10;
  load::RequestHeaders headers{.fields = options.headers};
  if (!options.token_file.empty()) {
    headers.token = VIGIE_TRY(read_file(options.token_file, kLongestToken));
  } else if (const char* const token = std::getenv("VIGIE_TOKEN")) {
    headers.token = token;
  }
  while (headers.token.ends_with('\n') || headers.token.ends_with('\r')) headers.token.pop_back();
  VIGIE_TRY(load::check(headers));
  return headers;
}

Status show(const load::Report& report, const std::string& text, const std::string& json, const LoadFlags& options,
            Session& session) {
  if (!options.html.empty()) {
    VIGIE_TRY(write_file(options.html, load::report_html(report)));
    session.note("wrote " + options.html);
  }
  session.print(session.json() ? json : text);
  if (report.figures.good() > 0) return {};
  return fail(Code::kFailedPrecondition, "no request had a good answer", {.field = "--url"},
              "see the statuses in the report: a body, a token or a route may be wrong");
}

Status run(const LoadFlags& options, Session& session) {
  const load::LoadPlan plan = VIGIE_TRY(make_plan(options));
  if (options.find_saturation && plan.open_loop()) {
    return fail(Code::kInvalidArgument, "--find-saturation finds the rate itself", {.field = "--rate"}, "leave it out");
  }
  const load::Nanoseconds step = VIGIE_TRY(load::parse_duration(options.step, "--step"));
  const load::RequestHeaders headers = VIGIE_TRY(make_headers(options));
  const load::Recorded recorded = VIGIE_TRY(load::read_recorded(options.payloads, plan.mix));
  const auto timeout = static_cast<int>(plan.timeout / 1'000'000);
  const load::Target target = VIGIE_TRY(load::find_target(options.url, options.allowed_host, timeout, options.trust));
  // Whatever --quiet says.
  if (options.trust.insecure)
    put_error("WARNING: --insecure: " + target.url + " may be anybody, and reads what is sent");
  const auto requests = load::make_requests(target, plan, headers, recorded, options.seed);
  const std::string started = format_time(system_clock().now());
  stop_on_interrupt();
  if (options.find_saturation) {
    auto found = VIGIE_TRY(load::find_saturation(plan, step, target, requests, stop_asked, session.progress()));
    found.half.started = started;
    found.half.unchecked = options.trust.insecure;
    return show(found.half, load::saturation_text(found), load::saturation_json(found), options, session);
  }
  load::Figures figures = VIGIE_TRY(load::run_load(plan, target, requests, stop_asked, session.progress()));
  const load::Report report{.plan = plan,
                            .url = target.url,
                            .started = started,
                            .unchecked = options.trust.insecure,
                            .figures = std::move(figures)};
  return show(report, load::report_text(report), load::report_json(report), options, session);
}

}  // namespace

void add_load_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<LoadFlags>();
  CLI::App* const command = app.add_subcommand("load", "Load a server and report how it bore it");
  command->add_option("--url", options->url, "http://HOST[:PORT][/PREFIX], or https://")->capture_default_str();
  command->add_option("--mix", options->mix, "routes and their weights: predict, score, fraude, health")
      ->capture_default_str();
  command->add_option("--path", options->paths, "where a route of the mix is, if not at its own path")
      ->type_name("ROUTE=PATH");
  command
      ->add_option("--payloads", options->payloads,
                   "recorded bodies, NDJSON, sent round and round, instead of made-up ones")
      ->type_name("[ROUTE=]FILE");
  command->add_option("--seed", options->seed, "another seed, other made-up bodies")->capture_default_str();
  command->add_option("--rate", options->rate,
                      "open loop: requests/s, by a schedule; 1000..20000 is a ramp. Without it: closed loop");
  command->add_option("--steps", options->steps, "of a ramp")->capture_default_str();
  command->add_option("--connections", options->plan.connections, "closed loop: each asks, waits, asks again")
      ->capture_default_str();
  command
      ->add_option("--pipeline", options->plan.pipeline, "closed loop: requests on a connection before their answers")
      ->capture_default_str();
  command->add_option("--threads", options->plan.threads, "of the generator")->capture_default_str();
  command->add_flag("--spin", options->plan.spin,
                    "the generator's threads never sleep: being woken is not in the latencies; a whole core each");
  command->add_option("--duration", options->duration, "what is measured, up to 10m")->capture_default_str();
  command->add_option("--warmup", options->warmup, "before it, not measured")->capture_default_str();
  command->add_option("--timeout", options->timeout, "for an answer, and for a connection")->capture_default_str();
  command->add_flag("--find-saturation", options->find_saturation,
                    "raise the connections until that brings nothing, then measure latencies at half of that rate");
  command->add_option("--step", options->step, "how long each try of --find-saturation takes")->capture_default_str();
  command->add_option("--header", options->headers, "another header, as in 'X-Tenant: north'; not for secrets");
  command->add_option("--token-file", options->token_file, "a bearer token to send; or set VIGIE_TOKEN")
      ->type_name("FILE");
  command
      ->add_option("--i-may-load", options->allowed_host,
                   "the host of --url, where that is not this machine: it is yours, or its owner agrees")
      ->type_name("HOST");
  CLI::Option* const ca =
      command
          ->add_option("--ca", options->trust.ca_file,
                       "PEM: who may sign the certificate of an https:// URL, instead of those that the system trusts")
          ->type_name("FILE");
  command->add_flag("--insecure", options->trust.insecure, "take any certificate; the report says so")->excludes(ca);
  command->add_option("--html", options->html, "write a report with plots, one self-contained page")->type_name("FILE");
  add_json_flag(*command, session);
  describe(
      *command,
      "Examples:\n"
      "  vigie load --duration 5s\n"
      "      /predict on http://127.0.0.1:8080, 32 connections that ask as fast as they are answered\n"
      "  vigie load --rate 5000 --duration 60s --html report.html\n"
      "      5,000 requests/s, whatever the server does: latencies as users would have them\n"
      "  vigie load --rate 1000..20000 --steps 10 --duration 100s --mix predict=90,health=10\n"
      "      from which rate on it does not keep up\n"
      "  vigie load --find-saturation --json\n"
      "  vigie load --url https://score.bank.example --i-may-load score.bank.example --token-file token --rate 200\n"
      "docs/load.md says what the numbers mean. Ctrl-C ends a run early and reports it.\n");
  command->callback([options, &session] { session.finish(run(*options, session)); });
}

}  // namespace vigie::cli
