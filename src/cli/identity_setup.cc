#include "cli/identity_setup.h"

#include "api/remote_login.h"
#include "cli/server_log.h"
#include "cli/site.h"
#include "identity/remote_inquiry.h"
#include "identity/remote_issuer.h"

namespace vigie::cli {
namespace {

using identity::Authenticator;
using identity::Verifier;

Result<std::shared_ptr<Authenticator>> make_authenticator(std::vector<Verifier::Issuer> issuers,
                                                          std::function<std::uint64_t()> generation) {
  auto verifier = VIGIE_TRY(Verifier::make(std::move(issuers)));
  const KeyedHash hash = VIGIE_TRY(KeyedHash::draw());
  return std::make_shared<Authenticator>(std::move(verifier), hash,
                                         Authenticator::Options{.generation = std::move(generation)});
}

// The keys in the state folder: of all tokens, or where there is a provider of browsers' sessions alone.
Result<std::shared_ptr<identity::LocalIssuer>> open_local_issuer(const Config& config, const std::string& url) {
  return identity::LocalIssuer::open(
      {.state = config.state, .issuer = url, .on_failure = [](const Error& error) {
         log_line("error", "keys or revocations cannot be read, what was read before counts", {}, error.to_string());
       }});
}

Verifier::Issuer issuer_of(const std::shared_ptr<identity::LocalIssuer>& local, bool takes_tokens) {
  std::vector<std::string> audiences = {std::string(identity::kSessionAudience)};
  if (takes_tokens) audiences.emplace_back(identity::kLocalAudience);
  return {
      .policy = {.issuer = local->issuer(), .audiences = std::move(audiences)}, .keys = local, .revocations = local};
}

identity::IssuerPolicy policy_of(const OidcConfig& oidc) {
  identity::IssuerPolicy policy{.issuer = oidc.issuer, .audiences = oidc.audiences, .parties = oidc.clients};
  if (!oidc.client_id.empty()) policy.role_claims.push_back({"resource_access", oidc.client_id, "roles"});
  policy.role_names = {oidc.viewer_roles, oidc.analyst_roles, oidc.admin_roles};
  return policy;
}

// What the settings of a provider are called in front: those of the second "oidc.2.".
std::string group_of(std::size_t index) { return index == 0 ? "oidc." : "oidc." + std::to_string(index + 1) + "."; }

Result<std::shared_ptr<identity::RemoteIssuer>> open_provider(const OidcConfig& oidc, const std::string& group) {
  if (oidc.issuer.empty()) {
    return fail(Code::kInvalidArgument, "no provider", {.field = group + "issuer"},
                "give its URL in a --config file, as its tokens have it: https://id.example/realms/bank");
  }
  auto opened = identity::RemoteIssuer::open({.issuer = oidc.issuer,
                                              .fetch = {.ca_file = oidc.ca_file, .plain_http = oidc.plain_http},
                                              .seed = unguessable_seed()});
  if (!opened) {
    Error error = std::move(opened.error());
    error.place.field = group + "issuer";
    return std::unexpected(std::move(error));
  }
  return std::move(*opened);
}

// nullptr: its tokens are judged without asking it about them.
Result<std::shared_ptr<identity::TokenInquiry>> open_inquiry(
    const OidcConfig& oidc, const std::string& group, const std::shared_ptr<const identity::RemoteIssuer>& provider) {
  if (oidc.introspect == Introspect::kNever) return nullptr;
  if (oidc.client_id.empty() || oidc.client_secret.empty()) {
    return fail(Code::kInvalidArgument,
                oidc.issuer + " is to be asked about tokens, and there is no " + group +
                    (oidc.client_id.empty() ? "client_id" : "client_secret"),
                {.field = group + "introspection"},
                "give " + group + "client_id and " + group +
                    "client_secret of a client that may introspect tokens, or "
                    "set " +
                    group + "introspection to never");
  }
  const KeyedHash hash = VIGIE_TRY(KeyedHash::draw());
  identity::RemoteInquiry::Options options;
  options.introspection.client_id = oidc.client_id;
  options.introspection.client_secret = oidc.client_secret;
  options.introspection.on_failure = [](const Error& error) {
    log_line("error", "a provider cannot be asked about tokens, they are answered with 503", {}, error.to_string());
  };
  options.fetch.ca_file = oidc.ca_file;
  options.fetch.plain_http = oidc.plain_http;
  return std::make_shared<identity::RemoteInquiry>(provider, std::move(options), hash);
}

// What a start that went on without an answer, or with one that will not do, has to tell.
void tell_state(const OidcConfig& oidc, const identity::RemoteIssuer& provider) {
  const auto itself = provider.provider();
  if (itself == nullptr) {
    log_line("error", "a provider's keys are not there yet, its tokens are answered with 503", {},
             provider.state().failure);
  } else if (oidc.introspect != Introspect::kNever && itself->introspection_endpoint.empty()) {
    log_line("error", "a provider cannot be asked about tokens, they are answered with 503", {},
             oidc.issuer + ": names no introspection_endpoint; set oidc.introspection to never");
  }
}

// Where people log in: at the first provider, if we are a client there.
std::shared_ptr<api::ProviderLogin> login_at(const OidcConfig& oidc, const std::string& url,
                                             const std::shared_ptr<identity::RemoteIssuer>& provider) {
  if (oidc.client_id.empty()) return nullptr;
  api::RemoteLoginOptions options;
  options.fetch.ca_file = oidc.ca_file;
  options.fetch.plain_http = oidc.plain_http;
  options.client = {.id = oidc.client_id, .secret = oidc.client_secret, .redirect_uri = url + "/login/callback"};
  options.on_failure = [](const Error& error) { log_line("error", "people cannot log in", {}, error.to_string()); };
  return std::make_shared<api::RemoteLogin>(provider, std::move(options));
}

// The tokens of providers, and sessions of people who logged in at the first one.
Status add_providers(const Config& config, const std::string& url, const std::shared_ptr<identity::LocalIssuer>& local,
                     api::Services& services, api::Sessions& sessions) {
  std::vector<std::shared_ptr<identity::RemoteIssuer>> providers;
  std::vector<Verifier::Issuer> issuers = {issuer_of(local, false)};
  for (const OidcConfig& oidc : config.oidc) {
    const std::string group = group_of(providers.size());
    const auto provider = VIGIE_TRY(open_provider(oidc, group));
    providers.push_back(provider);
    const auto inquiry = VIGIE_TRY(open_inquiry(oidc, group, provider));
    issuers.push_back({.policy = policy_of(oidc),
                       .keys = provider,
                       .inquiry = inquiry,
                       .asks_about_signed = oidc.introspect == Introspect::kAlways});
  }
  services.authenticator = VIGIE_TRY(make_authenticator(std::move(issuers), [local, providers] {
    std::uint64_t changes = local->generation();
    for (const auto& provider : providers) changes += provider->generation();
    return changes;
  }));
  services.providers = [providers] {
    std::vector<identity::RefreshState> states;
    for (const auto& provider : providers) states.push_back(provider->state());
    return states;
  };
  sessions.by_code = false;
  sessions.provider = login_at(config.oidc.front(), url, providers.front());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const auto left = until - std::chrono::steady_clock::now();
    providers[i]->wait_for_keys(std::chrono::ceil<std::chrono::milliseconds>(left));
    tell_state(config.oidc[i], *providers[i]);
  }
  return {};
}

Status add_throttle(const Config& config, api::Services& services) {
  identity::ThrottleOptions limits{.state = config.state, .locks_out = config.lockout_failures > 0};
  if (limits.locks_out) limits.lockout.failures = config.lockout_failures;
  limits.lockout.first = config.lockout_first;
  if (!config.address_limit.empty()) limits.address = VIGIE_TRY(identity::parse_rate_limit(config.address_limit));
  for (const std::string& rule : config.rate_rules) limits.rules.push_back(VIGIE_TRY(identity::parse_rate_rule(rule)));
  limits.on_failure = [](const Error& error) {
    log_line("error", "lockouts are not on the disk", {}, error.to_string());
  };
  services.throttle = VIGIE_TRY(identity::Throttle::open(std::move(limits)));
  return {};
}

Status add_audit_log(const Config& config, api::Services& services) {
  if (config.audit_log == "off") return {};
  services.audit = VIGIE_TRY(identity::AuditLog::open(
      {.to = config.audit_log, .client_address = config.audit_address, .on_failure = [](const Error& error) {
         log_line("error", "lines of the audit log are lost", {}, error.to_string());
       }}));
  return {};
}

// As the address that `vigie serve` prints: whoever logs in from there has to come back to there, for his browser keeps
// the cookie of the login for one name.
std::string host_in_url(const std::string& host) {
  if (host == "localhost") return "127.0.0.1";
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Status add_identity(const Config& config, bool secure, api::Services& services) {
  if (config.auth == Auth::kNone) return {};
  const std::string own =
      (secure ? "https://" : "http://") + host_in_url(config.host) + ":" + std::to_string(config.port);
  const std::string url = config.public_url.empty() ? own : config.public_url;
  services.admin_networks = VIGIE_TRY(http::Networks::parse(config.admin_networks, "server.admin_networks"));
  VIGIE_TRY(add_audit_log(config, services));
  const auto local = VIGIE_TRY(open_local_issuer(config, url));
  const auto sessions = std::make_shared<api::Sessions>();
  sessions->issuer = local;
  sessions->life = std::chrono::floor<std::chrono::seconds>(config.session_time);
  sessions->secure = url.starts_with("https://");
  sessions->audit = services.audit;
  sessions->on_failure = [](const Error& error) {
    log_line("error", "a session or a key cannot be written", {}, error.to_string());
  };
  if (config.auth == Auth::kLocal) {
    services.authenticator =
        VIGIE_TRY(make_authenticator({issuer_of(local, true)}, [local] { return local->generation(); }));
    services.local_issuer = local;
  } else {
    VIGIE_TRY(add_providers(config, url, local, services, *sessions));
  }
  services.sessions = sessions;
  if (config.probing_near > 0) {
    services.probing =
        VIGIE_TRY(api::ProbingWatch::make({.near = config.probing_near,
                                           .holds_back = config.probing_holds_back,
                                           .hold = std::chrono::floor<std::chrono::seconds>(config.probing_hold),
                                           .audit = services.audit}));
  }
  return add_throttle(config, services);
}

}  // namespace vigie::cli
