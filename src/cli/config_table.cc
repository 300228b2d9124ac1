// The settings of the server, the access log and the models.
#include <algorithm>
#include <iterator>

#include "api/access.h"
#include "cli/setting_forms.h"
#include "http/client_address.h"
#include "identity/rate_rule.h"
#include "identity/remote_url.h"

namespace vigie::cli {
namespace {

#define VIGIE_SETTING(member) ([](auto& config) -> auto& { return config.member; })

bool are_rate_rules(const Texts& given) {
  return std::ranges::all_of(given, [](const std::string& text) {
    const auto rule = identity::parse_rate_rule(text);
    return rule && (rule->route.empty() || api::access_of(rule->route) != api::Access::kNobody);
  });
}

bool is_public_url(const std::string& given) {
  const auto url = identity::parse_remote_url(given, true);
  return given.empty() || (url && url->origin == given);
}

// Within the scale that credit models have.
template <typename Member>
Setting credit_points(std::string_view key, std::string_view about, Member member) {
  const model::PointScale scale;
  return forms::decimal_or("package", key, about, scale.least, scale.most, member);
}

std::vector<Setting> make_settings(std::size_t providers) {
  using namespace forms;
  std::vector<Setting> all = {
      text("server.host", "address to listen on; loopback only with auth none", "a numeric address, or localhost",
           VIGIE_SETTING(host)),
      count("server.port", "port to listen on; 0 takes a free one", 0, 65'535, VIGIE_SETTING(port)),
      count("server.threads", "event loops; 0 is one for each core", 0, 1024, VIGIE_SETTING(threads)),
      count("server.spin_us",
            "microseconds that an idle event loop asks for requests before it sleeps: about half the latency, for a "
            "whole core each",
            0, 1'000'000, VIGIE_SETTING(spin_us)),
      text("server.state", "folder for everything that the server keeps", "a path", VIGIE_SETTING(state)),
      choice("server.auth",
             "who may ask: local: holders of tokens that vigie token makes; oidc: of a provider's; none: everybody, "
             "and only this "
             "machine is served",
             std::to_array<std::pair<std::string_view, Auth>>(
                 {{"local", Auth::kLocal}, {"oidc", Auth::kOidc}, {"none", Auth::kNone}}),
             VIGIE_SETTING(auth)),
      count("server.lockout.failures",
            "tokens that are not good, from one IPv4 address or IPv6 /64 within ten minutes; then no unknown one is "
            "looked at "
            "for a while; 0 is no lockout",
            0, 50, VIGIE_SETTING(lockout_failures)),
      duration("server.lockout.time", "of a first lockout; each further one is twice as long, up to a day",
               VIGIE_SETTING(lockout_first), 1000),
      text_that(
          "server.rate_limit.address",
          "requests of one IPv4 address or IPv6 /64, whoever asks from it; beyond: 429; empty: no limit",
          "a limit (600/1m, or 600/1m burst 100), or empty",
          [](const std::string& given) { return given.empty() || identity::parse_rate_limit(given).has_value(); },
          VIGIE_SETTING(address_limit)),
      texts_that(
          "server.rate_limit.rules",
          "requests of one subject: the first rule that fits the route's name (as in /metrics) and the role; beyond: "
          "429",
          "a list of ROUTE ROLE LIMIT, with * for all (predict analyst 600/1m burst 100; * * 6000/1m)", are_rate_rules,
          VIGIE_SETTING(rate_rules)),
      count("server.probing.near",
            "score probing: so many of a subject's last 64 transactions were nearly the same as this one (three fields "
            "aside); 0: not looked at",
            0, 64, VIGIE_SETTING(probing_near)),
      choice("server.probing.action",
             "count: in /metrics and the audit log; limit: 429 for server.probing.time as well",
             std::to_array<std::pair<std::string_view, bool>>({{"count", false}, {"limit", true}}),
             VIGIE_SETTING(probing_holds_back)),
      duration("server.probing.time", "for which a subject that probes is held back", VIGIE_SETTING(probing_hold),
               1000),
      text_that("server.public_url",
                "how browsers reach this server, where a proxy stands before it; empty: by host and port. Over https, "
                "sessions go over TLS alone",
                "a URL without a path (https://vigie.bank.example), or empty", is_public_url,
                VIGIE_SETTING(public_url)),
      texts_that(
          "server.admin_networks", "from these /metrics may be read without a token; viewers may from anywhere",
          "a list of addresses and networks (192.0.2.1, 10.0.0.0/8, fd00::/8)",
          [](const Texts& given) { return http::Networks::parse(given, "server.admin_networks").has_value(); },
          VIGIE_SETTING(admin_networks)),
      duration("server.session.time", "of a browser's session, from its login", VIGIE_SETTING(session_time), 60'000),
      flag("server.share_port",
           "a new server may start on the port before the old one stops, as a rolling restart does",
           VIGIE_SETTING(share_port)),
      live(texts_that(
          "server.trusted_proxies", "from these, X-Forwarded-For tells who the client is",
          "a list of addresses and networks (192.0.2.1, 10.0.0.0/8, fd00::/8)",
          [](const Texts& given) { return http::TrustedProxies::parse(given).has_value(); },
          VIGIE_SETTING(trusted_proxies))),
      choice("server.proxy_protocol", "required: these begin each connection with a PROXY header, version 1 or 2",
             std::to_array<std::pair<std::string_view, bool>>({{"off", false}, {"required", true}}),
             VIGIE_SETTING(proxy_protocol)),
      text("server.tls.certificate_file", "PEM: the server's certificate, then those up to the root; empty: plain text",
           "a path", VIGIE_SETTING(tls.certificate_file)),
      text("server.tls.key_file", "PEM, without a passphrase; readable by the server's user alone", "a path",
           VIGIE_SETTING(tls.key_file)),
      choice("server.tls.least_version", "older ones are refused",
             std::to_array<std::pair<std::string_view, http::TlsVersion>>(
                 {{"1.2", http::TlsVersion::k12}, {"1.3", http::TlsVersion::k13}}),
             VIGIE_SETTING(tls.least)),
      text("server.tls.client_ca_file", "PEM: clients need a certificate of one of these; empty: none is asked for",
           "a path", VIGIE_SETTING(tls.client_ca_file)),
      flag("server.tls.strict_transport",
           "answers over TLS tell browsers to come back over TLS only, for a year (Strict-Transport-Security)",
           VIGIE_SETTING(strict_transport)),
      live(texts_that(
          "server.cors.origins", "web pages whose scripts may read answers, without cookies; none: no other host's",
          "a list of origins as browsers write them (https://bank.example, http://localhost:3000), or * for all",
          [](const Texts& given) { return std::ranges::all_of(given, http::is_cors_origin); },
          VIGIE_SETTING(cors.origins))),
      live(duration("server.cors.max_age", "for which a browser may remember that it may ask",
                    VIGIE_SETTING(cors.max_age), 1000)),
      flag("server.compression.on", "long answers of text go out in gzip, br or zstd to clients that take it",
           VIGIE_SETTING(compression.on)),
      bytes("server.compression.smallest", "of a body that is compressed", 0, VIGIE_SETTING(compression.smallest)),
      count("server.compression.level", "1 is quick, 9 is small", http::kLeastLevel, http::kMostLevel,
            VIGIE_SETTING(compression.level)),
      text("server.spool.folder", "for what clients do not take of streamed answers while they send; a disk with room",
           "a path", VIGIE_SETTING(spool.folder)),
      bytes("server.spool.answer_bytes", "of one answer in such a file; 0B: none is kept", 0,
            VIGIE_SETTING(spool.limit)),
      bytes("server.limits.header_bytes", "a request's line and header, or its trailers; beyond: 431", 256,
            VIGIE_SETTING(limits.head.bytes)),
      count("server.limits.header_fields", "header fields of a request; beyond: 431", 8, 10'000,
            VIGIE_SETTING(limits.head.fields)),
      duration("server.limits.header_timeout", "from a request's first byte to the end of its header; beyond: 408",
               VIGIE_SETTING(limits.header)),
      duration("server.limits.body_timeout", "for a body, and a second more for each 64 KiB that came; beyond: 408",
               VIGIE_SETTING(limits.body)),
      duration("server.limits.idle_timeout", "between requests on a connection; then it is closed",
               VIGIE_SETTING(limits.idle)),
      duration("server.limits.write_timeout",
               "for a client to take its answer, and a second more for each 64 KiB that went; then it is closed",
               VIGIE_SETTING(limits.write)),
      count("server.limits.connections", "connections in all; beyond: 503", 1, 10'000'000,
            VIGIE_SETTING(limits.connections)),
      count("server.limits.connections_per_address", "of one IPv4 address or one IPv6 /64; beyond: 429; 0 is no limit",
            0, 10'000'000, VIGIE_SETTING(limits.connections_per_address)),
      count("server.limits.requests_per_connection", "then it is closed; 0 is no limit", 0, kAnyCount,
            VIGIE_SETTING(limits.requests_per_connection)),
      count("server.limits.requests_in_flight", "larger requests that run or wait for a thread; beyond: 503", 1,
            1'000'000, VIGIE_SETTING(limits.in_flight)),
      count("server.limits.waiting", "threads for requests that wait for a disk or another server", 1, 1'000,
            VIGIE_SETTING(limits.waiting)),
      count("server.limits.streams", "streamed bodies at once, each with a thread; beyond: 503", 1, 10'000,
            VIGIE_SETTING(limits.streams)),
      duration("server.limits.grace_time",
               "after SIGTERM: /health/ready fails and all else goes on, so that load balancers take notice",
               VIGIE_SETTING(limits.grace), 0),
      duration("server.limits.drain_timeout", "after that, for what still runs; then it is cut",
               VIGIE_SETTING(limits.drain)),
  };
  for (std::size_t i = 0; i < providers; ++i) std::ranges::move(provider_settings(i), std::back_inserter(all));
  std::vector<Setting> rest = {
      text("access_log.to", "a line of JSON for each answer, in the names of the Elastic Common Schema",
           "off, stdout, stderr, or a file's path", VIGIE_SETTING(access_log.to)),
      share("access_log.sample", "of good and quick answers; all others are always written",
            VIGIE_SETTING(access_log.sample)),
      duration("access_log.slow", "answers that took as long are always written", VIGIE_SETTING(access_log.slow)),
      names("access_log.redact", "query parameters whose values are never written; user-agent: neither is that field",
            VIGIE_SETTING(access_log.redact)),
      choice(
          "access_log.client_address", "how much of it is written: it is personal data",
          std::to_array<std::pair<std::string_view, http::AddressForm>>({{"full", http::AddressForm::kFull},
                                                                         {"truncated", http::AddressForm::kTruncated},
                                                                         {"dropped", http::AddressForm::kDropped}}),
          VIGIE_SETTING(access_log.client_address)),
      text("audit_log.to", "a line of JSON for each login, logout, grant and refusal, in the names of the same schema",
           "off, stdout, stderr, or a file's path", VIGIE_SETTING(audit_log)),
      choice(
          "audit_log.client_address", "how much of it is written",
          std::to_array<std::pair<std::string_view, http::AddressForm>>({{"full", http::AddressForm::kFull},
                                                                         {"truncated", http::AddressForm::kTruncated},
                                                                         {"dropped", http::AddressForm::kDropped}}),
          VIGIE_SETTING(audit_address)),
      live(known_as(
          "MODEL_PATH",
          text("models.card", "package that /predict serves: a folder or a .tar.zst; empty: there is no /predict",
               "a path, or empty", VIGIE_SETTING(card_model)))),
      live(text("models.transaction", "package whose score /fraude joins with its rules; empty: rules alone",
                "a path, or empty", VIGIE_SETTING(transaction_model))),
      live(text("models.credit", "package that /score serves; empty: there is no /score", "a path, or empty",
                VIGIE_SETTING(credit_model))),
      live(credit_points("scoring.thresholds.refuse",
                         "lower anchor of the border between D and E, which is halfway from here to accepte; refuses "
                         "nobody by itself; package: as the credit model's package has it",
                         VIGIE_SETTING(credit_thresholds.low))),
      live(credit_points("scoring.thresholds.accepte",
                         "points from which on credit is given: class C; package: as the package has it",
                         VIGIE_SETTING(credit_thresholds.accepted))),
      live(credit_points("scoring.thresholds.excellent",
                         "points from which on it is class A; B begins halfway; package: as the package has it",
                         VIGIE_SETTING(credit_thresholds.excellent))),
  };
  std::ranges::move(rest, std::back_inserter(all));
  std::ranges::move(fraud_settings(), std::back_inserter(all));  // last: its rules end the file
  return all;
}

#undef VIGIE_SETTING

}  // namespace

std::span<const Setting> settings() {
  static const std::vector<Setting> kSettings = make_settings(1);
  return kSettings;
}

std::vector<Setting> settings_of(const Config& config) { return make_settings(config.oidc.size()); }

SettingPath path_of(const Setting& setting) {
  SettingPath path;
  std::size_t at = 0;
  for (std::size_t dot = 0; (dot = setting.key.find('.', at)) != std::string::npos; at = dot + 1) {
    path.groups.push_back(setting.key.substr(at, dot - at));
  }
  path.name = setting.key.substr(at);
  if (setting.provider == 1) path.groups.emplace_back("1");
  return path;
}

Config starting_config() {
  Config config;
  const model::CreditThresholds usual;
  config.credit_thresholds = {.low = usual.low, .accepted = usual.accepted, .excellent = usual.excellent};
  return config;
}

Texts shown(const Setting& setting, const Config& config) {
  Texts texts = setting.get(config);
  if (setting.secret && !texts[0].empty()) texts[0] = kMask;
  return texts;
}

Texts split_items(const Setting& setting, const std::string& text) {
  if (!setting.list) return {text};
  Texts items;
  for (std::size_t at = 0; !text.empty() && at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    items.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return items;
}

std::vector<std::string> take_live_settings(const Config& read, Config& running) {
  std::vector<std::string> others;
  const std::size_t providers = std::min(read.oidc.size(), running.oidc.size());
  if (read.oidc.size() != running.oidc.size()) others.emplace_back("oidc");
  for (const Setting& setting : make_settings(providers)) {
    const Texts texts = setting.get(read);
    if (!setting.live) {
      if (texts != setting.get(running)) others.push_back(setting.key);
      continue;
    }
    setting.set(texts, running);
    const auto origin = read.origins.find(setting.key);
    if (origin == read.origins.end()) {
      running.origins.erase(setting.key);
    } else {
      running.origins[setting.key] = origin->second;
    }
  }
  running.fraud.rules = read.fraud.rules;
  return others;
}

}  // namespace vigie::cli
