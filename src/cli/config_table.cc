#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "base/number.h"
#include "cli/config.h"
#include "cli/units.h"
#include "http/client_address.h"

namespace vigie::cli {
namespace {

using std::chrono::milliseconds;

constexpr auto kAnyCount = std::numeric_limits<std::int64_t>::max();

// One text that a function turns into a number in a range.
template <typename Parse, typename Print, typename Member>
Setting number(std::string_view key, std::string_view about, std::string_view form, std::int64_t least,
               std::int64_t most, Parse parse, Print print, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::string(form),
          .set =
              [=](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const std::optional<std::int64_t> value = parse(texts[0]);
                if (!value || *value < least || *value > most) return false;
                auto& target = member(config);
                using Target = std::remove_reference_t<decltype(target)>;
                target = static_cast<Target>(*value);
                return true;
              },
          .get = [=](const Config& config) { return Texts{print(config)}; }};
}

template <typename Member>
Setting count(std::string_view key, std::string_view about, std::int64_t least, std::int64_t most, Member member) {
  std::string form = "a whole number, at least " + std::to_string(least);
  if (most != kAnyCount) form += " and at most " + std::to_string(most);
  return number(
      key, about, form, least, most, [](const std::string& text) { return parse_int(text); },
      [member](Config config) { return std::to_string(member(config)); }, member);
}

template <typename Member>
Setting bytes(std::string_view key, std::string_view about, std::int64_t least, Member member) {
  return number(
      key, about, "a size (64KiB, 1MiB, 2GiB), at least " + print_with_unit(least, kSizes), least, kAnyCount,
      [](const std::string& text) { return parse_with_unit(text, kSizes); },
      [member](Config config) { return print_with_unit(static_cast<std::int64_t>(member(config)), kSizes); }, member);
}

template <typename Member>
Setting duration(std::string_view key, std::string_view about, Member member, std::int64_t least = 1) {
  constexpr std::int64_t kLongest = 24 * 3'600'000;
  const auto as_count = [member](Config& config) -> std::chrono::milliseconds& { return member(config); };
  return {.key = std::string(key),
          .about = std::string(about),
          .form = "a duration (500ms, 10s, 5m), at least " + print_with_unit(least, kDurations) + " and at most 24h",
          .set =
              [as_count, least](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const auto value = parse_with_unit(texts[0], kDurations);
                if (!value || *value < least || *value > kLongest) return false;
                as_count(config) = milliseconds(*value);
                return true;
              },
          .get = [as_count](Config config) { return Texts{print_with_unit(as_count(config).count(), kDurations)}; }};
}

template <typename Member>
Setting text(std::string_view key, std::string_view about, std::string_view form, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::string(form),
          .set =
              [member](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                member(config) = texts[0];
                return true;
              },
          .get = [member](Config config) { return Texts{member(config)}; }};
}

// A list that `fits` lets through.
template <typename Fits, typename Member>
Setting texts(std::string_view key, std::string_view about, std::string_view form, Fits fits, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::string(form),
          .list = true,
          .set =
              [fits, member](const Texts& given, Config& config) {
                if (!fits(given)) return false;
                member(config) = given;
                return true;
              },
          .get = [member](Config config) { return Texts{member(config)}; }};
}

template <typename Member>
Setting flag(std::string_view key, std::string_view about, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = "true or false",
          .set =
              [member](const Texts& texts, Config& config) {
                if (texts.size() != 1 || (texts[0] != "true" && texts[0] != "false")) return false;
                member(config) = texts[0] == "true";
                return true;
              },
          .get = [member](Config config) { return Texts{member(config) ? "true" : "false"}; }};
}

// One of some words, each of which stands for a value.
template <typename Value, std::size_t Words, typename Member>
Setting choice(std::string_view key, std::string_view about,
               std::array<std::pair<std::string_view, Value>, Words> words, Member member) {
  std::string form;
  for (const auto& word : words) form.append(form.empty() ? "" : " or ").append(word.first);
  return {.key = std::string(key),
          .about = std::string(about),
          .form = std::move(form),
          .set =
              [=](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const auto found = std::ranges::find(words, texts[0], &std::pair<std::string_view, Value>::first);
                if (found == words.end()) return false;
                member(config) = found->second;
                return true;
              },
          .get =
              [=](Config config) {
                const auto found =
                    std::ranges::find(words, member(config), &std::pair<std::string_view, Value>::second);
                return Texts{std::string(found->first)};
              }};
}

template <typename Member>
Setting share(std::string_view key, std::string_view about, Member member) {
  return {.key = std::string(key),
          .about = std::string(about),
          .form = "a number from 0 to 1",
          .set =
              [member](const Texts& texts, Config& config) {
                if (texts.size() != 1) return false;
                const auto value = parse_double(texts[0]);
                if (!value || !(*value >= 0 && *value <= 1)) return false;
                member(config) = *value;
                return true;
              },
          .get = [member](Config config) { return Texts{format_double(member(config))}; }};
}

Setting live(Setting setting) {
  setting.live = true;
  return setting;
}

#define VIGIE_SETTING(member) ([](Config& config) -> auto& { return config.member; })

std::vector<Setting> make_settings() {
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
      count("server.rate_limit.per_minute", "requests of one subject; beyond: 429; 0 is no limit", 0, 60'000'000,
            VIGIE_SETTING(requests_per_minute)),
      count("server.rate_limit.burst", "of them at once, after a while without", 1, 1'000'000,
            VIGIE_SETTING(request_burst)),
      flag("server.share_port",
           "a new server may start on the port before the old one stops, as a rolling restart does",
           VIGIE_SETTING(share_port)),
      live(texts(
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
      live(texts(
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
      count("server.limits.streams", "streamed bodies at once, each with a thread; beyond: 503", 1, 10'000,
            VIGIE_SETTING(limits.streams)),
      duration("server.limits.grace_time",
               "after SIGTERM: /health/ready fails and all else goes on, so that load balancers take notice",
               VIGIE_SETTING(limits.grace), 0),
      duration("server.limits.drain_timeout", "after that, for what still runs; then it is cut",
               VIGIE_SETTING(limits.drain)),
      text("oidc.issuer", "the provider, for server.auth oidc: its URL as its tokens have it (iss)",
           "a URL (https://id.example/realms/bank)", VIGIE_SETTING(oidc[0].issuer)),
      texts(
          "oidc.audiences", "one of these is in a token's aud", "a list of names, not empty",
          [](const Texts& given) { return !given.empty(); }, VIGIE_SETTING(oidc[0].audiences)),
      texts(
          "oidc.clients", "a token was issued to one of these (azp, client_id); none: to any", "a list of names",
          [](const Texts&) { return true; }, VIGIE_SETTING(oidc[0].clients)),
      text("oidc.client_id", "our client at the provider: of Keycloak, its own roles count too (resource_access)",
           "a name", VIGIE_SETTING(oidc[0].client_id)),
      text("oidc.client_secret", "of oidc.client_id, to ask about tokens and to log people in", "a text",
           VIGIE_SETTING(oidc[0].client_secret)),
      choice("oidc.introspection",
             "which tokens the provider is asked about, with client_id and client_secret: opaque: those that are not "
             "signed; always: signed ones too, so that a logout ends them",
             std::to_array<std::pair<std::string_view, Introspect>>(
                 {{"never", Introspect::kNever}, {"opaque", Introspect::kOpaque}, {"always", Introspect::kAlways}}),
             VIGIE_SETTING(oidc[0].introspect)),
      texts(
          "oidc.viewer_roles", "the provider's words for the role viewer, in roles, realm_access.roles, groups or scp",
          "a list of names", [](const Texts&) { return true; }, VIGIE_SETTING(oidc[0].viewer_roles)),
      texts(
          "oidc.analyst_roles", "for analyst", "a list of names", [](const Texts&) { return true; },
          VIGIE_SETTING(oidc[0].analyst_roles)),
      texts(
          "oidc.admin_roles", "for admin", "a list of names", [](const Texts&) { return true; },
          VIGIE_SETTING(oidc[0].admin_roles)),
      text("oidc.ca_file", "PEM: who may sign the provider's certificate; empty: those that the system trusts",
           "a path", VIGIE_SETTING(oidc[0].ca_file)),
      flag("oidc.plain_http", "the provider may be asked without TLS beyond this machine: for development only",
           VIGIE_SETTING(oidc[0].plain_http)),
      text("access_log.to", "a line of JSON for each answer, in the names of the Elastic Common Schema",
           "off, stdout, stderr, or a file's path", VIGIE_SETTING(access_log.to)),
      share("access_log.sample", "of good and quick answers; all others are always written",
            VIGIE_SETTING(access_log.sample)),
      duration("access_log.slow", "answers that took as long are always written", VIGIE_SETTING(access_log.slow)),
      texts(
          "access_log.redact", "query parameters whose values are never written; user-agent: neither is that field",
          "a list of names", [](const Texts&) { return true; }, VIGIE_SETTING(access_log.redact)),
      choice(
          "access_log.client_address", "how much of it is written: it is personal data",
          std::to_array<std::pair<std::string_view, http::AddressForm>>({{"full", http::AddressForm::kFull},
                                                                         {"truncated", http::AddressForm::kTruncated},
                                                                         {"dropped", http::AddressForm::kDropped}}),
          VIGIE_SETTING(access_log.client_address)),
      live(text("models.card", "package that /predict serves: a folder or a .tar.zst", "a path",
                VIGIE_SETTING(card_model))),
  };
  return all;
}

#undef VIGIE_SETTING

}  // namespace

std::span<const Setting> settings() {
  static const std::vector<Setting> kSettings = make_settings();
  return kSettings;
}

std::vector<std::string> take_live_settings(const Config& read, Config& running) {
  std::vector<std::string> others;
  for (const Setting& setting : settings()) {
    const Texts texts = setting.get(read);
    if (setting.live) {
      setting.set(texts, running);
    } else if (texts != setting.get(running)) {
      others.push_back(setting.key);
    }
  }
  return others;
}

}  // namespace vigie::cli
