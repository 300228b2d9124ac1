#include "cli/identity_setup.h"

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
  const identity::KeyedHash hash = VIGIE_TRY(identity::KeyedHash::draw());
  return std::make_shared<Authenticator>(std::move(verifier), hash,
                                         Authenticator::Options{.generation = std::move(generation)});
}

// Tokens of the keys in the state folder, and no others.
Status add_local_issuer(const Config& config, bool secure, api::Services& services) {
  const std::string url = (secure ? "https://" : "http://") + config.host + ":" + std::to_string(config.port);
  const auto issuer = VIGIE_TRY(identity::LocalIssuer::open(
      {.state = config.state, .issuer = url, .on_failure = [](const Error& error) {
         log_line("error", "keys or revocations cannot be read, what was read before counts", {}, error.to_string());
       }}));
  services.authenticator = VIGIE_TRY(
      make_authenticator({{.policy = {.issuer = issuer->issuer(), .audiences = {std::string(identity::kLocalAudience)}},
                           .keys = issuer,
                           .revocations = issuer}},
                         [issuer] { return issuer->generation(); }));
  services.local_issuer = issuer;
  return {};
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
  const identity::KeyedHash hash = VIGIE_TRY(identity::KeyedHash::draw());
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

Status add_providers(const Config& config, api::Services& services) {
  std::vector<std::shared_ptr<identity::RemoteIssuer>> providers;
  std::vector<Verifier::Issuer> issuers;
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
  services.authenticator = VIGIE_TRY(make_authenticator(std::move(issuers), [providers] {
    std::uint64_t changes = 0;
    for (const auto& provider : providers) changes += provider->generation();
    return changes;
  }));
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
  if (config.requests_per_minute > 0) {
    limits.subject = identity::RateLimit{
        .requests = config.requests_per_minute, .per = std::chrono::minutes(1), .burst = config.request_burst};
  }
  limits.on_failure = [](const Error& error) {
    log_line("error", "lockouts are not on the disk", {}, error.to_string());
  };
  services.throttle = VIGIE_TRY(identity::Throttle::open(std::move(limits)));
  return {};
}

}  // namespace

Status add_identity(const Config& config, bool secure, api::Services& services) {
  switch (config.auth) {
    case Auth::kNone: return {};
    case Auth::kLocal: VIGIE_TRY(add_local_issuer(config, secure, services)); break;
    case Auth::kOidc: VIGIE_TRY(add_providers(config, services)); break;
  }
  return add_throttle(config, services);
}

}  // namespace vigie::cli
