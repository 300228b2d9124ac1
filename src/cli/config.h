// What `vigie serve` can be told, and who said it. cli/setting.h has the table of all settings.
//
//   Config config;                                          // the defaults
//   VIGIE_TRY(read_config_file(path, config));              // then a YAML file,
//   VIGIE_TRY(read_config_environment(getenv, config));     // then VIGIE_SERVER_PORT and its like,
//   VIGIE_TRY(fetch_values({}, config));                    // then what those say stands elsewhere; flags come last
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decision/credit_service.h"
#include "decision/fraud_service.h"
#include "decision/shipped_rules.h"
#include "history/durable_history.h"
#include "history/redis_history.h"
#include "http/server.h"

namespace vigie::cli {

enum class Auth : std::uint8_t { kLocal, kOidc, kNone };

// Which tokens the provider itself is asked about (RFC 7662).
enum class Introspect : std::uint8_t {
  kNever,
  kOpaque,  // those that are no signed tokens
  kAlways,  // signed ones too, once their signature is found good: a logout ends them early
};

// An OpenID Connect provider, for Auth::kOidc.
struct OidcConfig {
  std::string issuer;
  std::vector<std::string> audiences = {"vigie"};
  std::vector<std::string> clients{};  // none: any
  std::string client_id;               // ours at the provider; its roles in resource_access count
  std::string client_secret;           // for introspection and logins; empty: there is none
  Introspect introspect = Introspect::kNever;
  std::vector<std::string> viewer_roles = {"viewer"};
  std::vector<std::string> analyst_roles = {"analyst"};
  std::vector<std::string> admin_roles = {"admin"};
  std::string ca_file;
  bool plain_http = false;
};

// Where a value stands that is not written down itself: one of the two.
struct Reference {
  std::string file;                  // what is in it,
  std::vector<std::string> command;  // what it prints (a program and its arguments; there is no shell),
};  // less one line break at the end

// Who gave a setting its value.
struct Origin {
  enum class From : std::uint8_t { kFile, kEnvironment, kFlag };
  From from = From::kFile;
  Place place{};  // file, line and column; or field: the variable or the flag
  std::optional<Reference> reference{};

  std::string to_string() const;  // "config.yaml:3:9", "VIGIE_SERVER_PORT", "--port"
};

// The rules of POST /fraude as they stand in a file.
struct RulesText {
  std::string yaml;   // of the whole file
  std::string file;   // its name, for messages
  std::string group;  // the key of the file below which rules: stands; empty: there is nothing else in it
  std::string block;  // rules: and what belongs to it, not indented
};

struct FraudConfig {
  bool on = true;
  decision::FraudThresholds thresholds{};
  decision::RiskBands bands{};
  std::string rules_file;  // empty: `rules`
  RulesText rules{.yaml = std::string(decision::shipped_rules()),
                  .file = "the rules that ship",
                  .group = {},
                  .block = std::string(decision::shipped_rules())};
  history::Durability durability = history::Durability::kAlways;
  std::uint32_t clients = history::Bounds{}.clients;
  std::uint32_t terminals = history::Bounds{}.terminals;
  std::chrono::milliseconds checkpoint{600'000};
  std::size_t answer_bytes = std::size_t{64} << 20;
  history::RedisEndpoint redis{.host = {}};  // neither host nor path: the history is in this process
  std::string redis_prefix = "vigie";
};

struct Config {
  std::string host = "localhost";
  std::uint16_t port = 8080;
  std::size_t threads = 0;  // 0: one for each core
  std::uint32_t spin_us = 0;
  std::string state = "state";
  Auth auth = Auth::kLocal;
  std::vector<OidcConfig> oidc{1};      // not empty; the first is the one that people log in at
  std::uint32_t lockout_failures = 10;  // 0: nobody is locked out
  std::chrono::milliseconds lockout_first{60'000};
  std::string address_limit;              // identity::parse_rate_limit(); empty: none
  std::vector<std::string> rate_rules{};  // identity::parse_rate_rule()
  std::uint32_t probing_near = 10;        // 0: nobody takes notice
  bool probing_holds_back = false;
  std::chrono::milliseconds probing_hold{60'000};
  std::string public_url;  // without a slash at its end; empty: by host and port
  std::vector<std::string> admin_networks = {"127.0.0.0/8", "::1"};
  std::chrono::milliseconds session_time{std::chrono::hours(8)};
  std::string card_model;
  std::string transaction_model;                  // empty: /fraude goes by rules alone
  std::string credit_model;                       // empty: there is no /score
  decision::GivenThresholds credit_thresholds{};  // those that are not given are the package's
  FraudConfig fraud{};
  bool share_port = false;
  http::Limits limits{};
  http::TlsOptions tls{};  // no certificate: plain text
  bool strict_transport = true;
  http::CorsOptions cors{};
  std::vector<std::string> trusted_proxies{};
  bool proxy_protocol = false;
  http::CompressionOptions compression{};
  http::SpoolOptions spool{};
  http::AccessLogOptions access_log{.to = "off"};
  std::string audit_log = "stderr";
  http::AddressForm audit_address = http::AddressForm::kFull;
  std::map<std::string, Origin, std::less<>> origins{};  // by the setting's key; without one it has its default
};

// Errors name file, line, column and setting, and what would be right. Settings that are not in the file stay as they
// are. A file is at most 1 MiB; unknown and repeated settings are refused, and so is a file that holds a secret where
// others than its owner and group may read it. A secret may stand elsewhere: {file: PATH} or {command: [PROGRAM, ...]}.
// oidc is a group, of the first provider, or a list of groups, which replaces all providers. fraud.rules is a list of
// rules (docs/rules.md), which are compiled later.
Status read_config_file(const std::filesystem::path& path, Config& config);
Status read_config_text(std::string_view yaml, const std::string& name, Config& config);
// The same, but it goes on behind what is wrong: all problems, and in `config` what could be read.
std::vector<Error> read_all_of_config_file(const std::filesystem::path& path, Config& config);

// What is wrong in a file of settings by itself: what it says, and what serve would refuse because of it. The
// environment, flags and models are not looked at. Empty: nothing.
std::vector<Error> check_config_file(const std::filesystem::path& path);

// "server.limits.idle_timeout" is VIGIE_SERVER_LIMITS_IDLE_TIMEOUT; the items of a list are separated by commas. The
// first provider's issuer is VIGIE_OIDC_ISSUER, the second's VIGIE_OIDC_2_ISSUER, up to 9.
std::string environment_name(std::string_view key);
// `variable` gives a variable's value, or nothing. Any setting's value may stand in a file (VIGIE_SERVER_HOST_FILE: its
// path), a secret's also be what a command prints (VIGIE_OIDC_CLIENT_SECRET_COMMAND: a JSON array of words). Some have
// well-known names too (Setting::aliases). Variables that say different things about one setting are refused.
Status read_config_environment(const std::function<std::optional<std::string>(const std::string&)>& variable,
                               Config& config);

struct FetchLimits {
  std::size_t bytes = 64 << 10;                    // of a file, or of what a command prints
  std::chrono::milliseconds command_time{10'000};  // then it is killed
};
// Reads the files and runs the commands that settings refer to, each once. Errors name the setting, the path or the
// program, and never what was read.
Status fetch_values(const FetchLimits& limits, Config& config);

// That each of several providers has an issuer.
Status check_providers(const Config& config);

// Defaults, then the file (none where the name is empty), then this process's environment, then what they refer to.
Result<Config> read_config(const std::string& file);

// Gives `running` the live settings of `read`. The keys of others that differ, which stay as they are.
std::vector<std::string> take_live_settings(const Config& read, Config& running);

// What `vigie config default` prints, a file to start from: the defaults, and the points of credit classes written out,
// for which the default is to be as the model's package says.
Config starting_config();

// A whole file with every setting, its text and form; reading it gives `config` again, but for secrets, which are
// masked.
std::string config_yaml(const Config& config);

// The same for GET /admin/config, groups as objects and providers as an array. Of each setting: value and default (as
// JSON has them; of a secret kMask, or null where there is none), live, source (default, file, environment or flag) and
// place (config.yaml:3:9, VIGIE_SERVER_PORT, --port, or null).
std::string config_json(const Config& config);

// .env.example: the variables that are worth setting in an environment, one line of text each, commented out.
std::string env_example();

}  // namespace vigie::cli
