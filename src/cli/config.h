// What `vigie serve` can be told: every setting is declared once, in config_table.cc, with its default, range and text;
// the table reads files and the environment, refuses what does not fit, and writes config.yaml.
//
//   Config config;                                          // the defaults
//   VIGIE_TRY(read_config_file(path, config));              // then a YAML file,
//   VIGIE_TRY(read_config_environment(getenv, config));     // then VIGIE_SERVER_PORT and its like; flags come last
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
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
  std::uint64_t requests_per_minute = 0;  // of a subject; 0: no limit
  std::uint64_t request_burst = 100;
  std::string card_model;
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
};

// A value as a file or a variable holds it: one text, or several for a list.
using Texts = std::vector<std::string>;

struct Setting {
  std::string key;    // "server.limits.header_bytes"
  std::string about;  // one line for people
  std::string form;   // what a value must be: "a duration (500ms, 10s, 5m), at least 1ms"
  bool list = false;
  bool live = false;  // SIGHUP changes it while the server runs; others need a restart
  // False where the texts do not fit; the config is then as before.
  std::function<bool(const Texts&, Config&)> set;
  std::function<Texts(const Config&)> get;
};

// Gives `running` the live settings of `read`. The keys of others that differ, which stay as they are.
std::vector<std::string> take_live_settings(const Config& read, Config& running);

// In the order of config.yaml, groups together.
std::span<const Setting> settings();

// Errors name file, line, column and setting, and what would be right. Settings that are not in the file stay as they
// are. A file is at most 1 MiB; unknown and repeated settings are refused.
Status read_config_file(const std::filesystem::path& path, Config& config);
Status read_config_text(std::string_view yaml, const std::string& name, Config& config);

// "server.limits.idle_timeout" is VIGIE_SERVER_LIMITS_IDLE_TIMEOUT; the items of a list are separated by commas.
std::string environment_name(std::string_view key);
// `variable` gives a variable's value, or nothing.
Status read_config_environment(const std::function<std::optional<std::string>(const std::string&)>& variable,
                               Config& config);

// Defaults, then the file (none where the name is empty), then this process's environment.
Result<Config> read_config(const std::string& file);

// A whole file with every setting, its text and form; reading it gives `config` again.
std::string config_yaml(const Config& config);

}  // namespace vigie::cli
