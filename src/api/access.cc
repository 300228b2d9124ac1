#include "api/access.h"

#include <algorithm>

#include "api/cookie.h"

namespace vigie::api {
namespace {

using http::GateWord;
using identity::Refusal;

constexpr std::array kRules = {
    AccessRule{"health", Access::kAnyone},         AccessRule{"health_live", Access::kAnyone},
    AccessRule{"health_ready", Access::kAnyone},   AccessRule{"features", Access::kAnyone},
    AccessRule{"metrics", Access::kAdminNetwork},  AccessRule{"docs", Access::kAnyone},
    AccessRule{"openapi", Access::kAnyone},        AccessRule{"jwks", Access::kAnyone},
    AccessRule{"discovery", Access::kAnyone},      AccessRule{"predict", Access::kAnalyst},
    AccessRule{"predict_batch", Access::kAnalyst}, AccessRule{"login", Access::kAnyone},
    AccessRule{"login_script", Access::kAnyone},   AccessRule{"login_callback", Access::kAnyone},
    AccessRule{"session_begin", Access::kAnyone},  AccessRule{"session", Access::kGreeted},
    AccessRule{"session_end", Access::kGreeted},   AccessRule{"admin_status", Access::kAdmin},
    AccessRule{"admin_config", Access::kAdmin},    AccessRule{"keys_rotate", Access::kAdmin},
    AccessRule{"fraude", Access::kAnalyst},        AccessRule{"fraud", Access::kAnalyst},
    AccessRule{"score", Access::kAnalyst},         AccessRule{"labels", Access::kAnalyst},
};

// The same for every request, and so made once.
std::string challenge_of(Refusal refusal) {
  const std::string realm = R"(WWW-Authenticate: Bearer realm="vigie")";
  // RFC 6750, 3.1: who gave nothing is told of no error.
  if (refusal == Refusal::kMissing) return realm + "\r\n";
  const char* const error = refusal == Refusal::kScheme ? "invalid_request" : "invalid_token";
  std::string line = realm + R"(, error=")" + error + R"(", error_description=")";
  line += text_of(refusal).description;
  return line + "\"\r\n";
}

const std::string& challenge(Refusal refusal) {
  static const auto kAll = [] {
    std::array<std::string, identity::kRefusals.size()> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = challenge_of(static_cast<Refusal>(i));
    return all;
  }();
  return kAll[static_cast<std::size_t>(refusal)];
}

struct Wanted {
  std::string_view english;
  std::string_view french;
  std::string_view challenge;
};

const Wanted& wanted(Access access) {
  static constexpr Wanted kViewer = {"the role viewer is needed", "Le rôle viewer est nécessaire",
                                     "WWW-Authenticate: Bearer realm=\"vigie\", error=\"insufficient_scope\", "
                                     "scope=\"viewer\"\r\n"};
  static constexpr Wanted kAnalyst = {"the role analyst is needed", "Le rôle analyst est nécessaire",
                                      "WWW-Authenticate: Bearer realm=\"vigie\", error=\"insufficient_scope\", "
                                      "scope=\"analyst\"\r\n"};
  static constexpr Wanted kAdmin = {"the role admin is needed", "Le rôle admin est nécessaire",
                                    "WWW-Authenticate: Bearer realm=\"vigie\", error=\"insufficient_scope\", "
                                    "scope=\"admin\"\r\n"};
  static constexpr Wanted kNone = {"nobody may do that", "Personne n'y a droit", ""};
  switch (access) {
    case Access::kAdminNetwork:
    case Access::kViewer: return kViewer;
    case Access::kAnalyst: return kAnalyst;
    case Access::kAdmin: return kAdmin;
    case Access::kAnyone:
    case Access::kGreeted:
    case Access::kNobody: break;
  }
  return kNone;
}

bool may(Access access, std::optional<identity::Role> role) {
  switch (access) {
    case Access::kAnyone:
    case Access::kGreeted: return true;
    case Access::kAdminNetwork:
    case Access::kViewer: return role >= identity::Role::kViewer;
    case Access::kAnalyst: return role >= identity::Role::kAnalyst;
    case Access::kAdmin: return role >= identity::Role::kAdmin;
    case Access::kNobody: return false;
  }
  return false;
}

// Whether a page of this server sent the request. A program that sends neither field has no need of a cookie.
bool from_own_page(const http::Request& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin" || site == "none";
  const std::string_view origin = request.header("Origin");
  const auto authority = origin.find("://");
  if (authority == std::string_view::npos) return false;
  return http::equals_ignoring_case(origin.substr(authority + 3), request.header("Host"));
}

bool changes_something(http::Method method) {
  return method != http::Method::kGet && method != http::Method::kHead && method != http::Method::kOptions;
}

void add_limit(std::string& headers, const identity::RateAnswer& answer) {
  headers += "RateLimit-Limit: " + std::to_string(answer.limit) + "\r\n";
  headers += "RateLimit-Remaining: " + std::to_string(answer.remaining) + "\r\n";
  headers += "RateLimit-Reset: " + std::to_string(answer.reset) + "\r\n";
}

GateWord too_often(const identity::RateAnswer& answer) {
  GateWord word{.kind = GateWord::Kind::kOut,
                .rejection = {429, "too many requests: try again later", "Trop de demandes : réessayez plus tard"}};
  add_limit(word.headers, answer);
  word.headers += "Retry-After: " + std::to_string(answer.retry_after) + "\r\n";
  return word;
}

}  // namespace

std::span<const AccessRule> access_rules() { return kRules; }

Access access_of(std::string_view route) {
  // What the page of /docs is made of comes with it.
  if (route.starts_with("docs_")) route = "docs";
  const auto rule = std::ranges::find(kRules, route, &AccessRule::route);
  return rule == kRules.end() ? Access::kNobody : rule->access;
}

AccessGate::AccessGate(const http::Router& router, AccessOptions options) : options_(std::move(options)) {
  for (const http::Route* route : router.routes()) {
    rules_.resize(std::max(rules_.size(), route->index + 1));
    Rule& rule = rules_[route->index];
    rule.access = access_of(route->name);
    rule.unlimited = route->name.starts_with("health");
    rule.limits.fill(identity::Throttle::kNoRule);
    if (!options_.throttle) continue;
    rule.limits[0] = options_.throttle->rule_for(route->name, std::nullopt);
    for (std::size_t role = 0; role + 1 < kRoles; ++role) {
      rule.limits[role + 1] = options_.throttle->rule_for(route->name, static_cast<identity::Role>(role));
    }
  }
}

// What Authorization says, or the cookie in its form, in `made`. A cookie that a stranger's page made the browser send
// is none.
std::string_view AccessGate::credentials(const http::Request& request, std::string& made) const {
  const std::string_view given = request.header("Authorization");
  if (!given.empty() || options_.session_cookie.empty()) return given;
  const std::string_view token = cookie_value(request.header("Cookie"), options_.session_cookie);
  if (token.empty() || (changes_something(request.method) && !from_own_page(request))) return {};
  return made.append("Bearer ").append(token);
}

bool AccessGate::open_to(const Rule& rule, const http::Request& request) const {
  if (rule.access == Access::kAnyone) return true;
  if (rule.access != Access::kAdminNetwork || !request.header("Authorization").empty()) return false;
  const auto address = http::parse_ip(request.client_address);
  return address && options_.admin_networks.contain(*address);
}

GateWord AccessGate::at_once(const http::Route& route, const http::Request& request, http::GateNote& note) const {
  const Rule& rule = rules_[route.index];
  if (options_.throttle && !rule.unlimited) {
    const auto answer = options_.throttle->take_address(request.client_address);
    if (answer && !answer->allowed) return too_often(*answer);
  }
  if (open_to(rule, request)) return {};
  std::string made;
  const std::string_view given = credentials(request, made);
  if (rule.access == Access::kGreeted && given.empty()) return {};
  const auto outcome = options_.authenticator->at_once(given, note);
  if (outcome) return judge(route, request, *outcome);
  const std::uint64_t locked = options_.throttle ? options_.throttle->locked_for(request.client_address) : 0;
  if (locked == 0 || options_.authenticator->knew(given)) return {.kind = GateWord::Kind::kWait};
  return {.kind = GateWord::Kind::kOut,
          .rejection = {429, "too many tokens from this address were not good: try again later",
                        "Trop de jetons refusés venant de cette adresse : réessayez plus tard"},
          .headers = "Retry-After: " + std::to_string(locked) + "\r\n"};
}

GateWord AccessGate::decide(const http::Route& route, const http::Request& request) const {
  std::string made;
  const auto outcome = options_.authenticator->decide(credentials(request, made));
  if (options_.throttle && outcome) options_.throttle->succeeded(request.client_address);
  const bool failed = !outcome && !identity::is_temporary(outcome.error());
  if (options_.throttle && failed && options_.throttle->failed(request.client_address)) {
    audit({.action = "address-locked-out", .success = false, .request = &request, .route = route.name});
  }
  if (outcome) {
    audit({.action = "token-accepted",
           .type = "start",
           .request = &request,
           .route = route.name,
           .caller = outcome->get()});
  }
  return judge(route, request, outcome);
}

GateWord AccessGate::judge(const http::Route& route, const http::Request& request, const Outcome& outcome) const {
  const Rule& rule = rules_[route.index];
  if (!outcome) return rule.access == Access::kGreeted ? GateWord{} : refuse(route, request, outcome.error());
  const identity::Identity& identity = **outcome;
  GateWord word = take(rule, *outcome);
  if (word.kind == GateWord::Kind::kOut || may(rule.access, identity.role)) return word;
  const Wanted& words = wanted(rule.access);
  audit({.action = "access-denied",
         .category = identity::AuditEvent::Category::kIam,
         .success = false,
         .reason = words.english,
         .request = &request,
         .route = route.name,
         .caller = &identity});
  word.kind = GateWord::Kind::kOut;
  word.rejection = {403, words.english, words.french};
  word.headers += words.challenge;
  return word;
}

GateWord AccessGate::refuse(const http::Route& route, const http::Request& request, Refusal refusal) const {
  audit({.action = "token-refused",
         .type = "start",
         .success = false,
         .reason = text_of(refusal).name,
         .request = &request,
         .route = route.name});
  const bool temporary = identity::is_temporary(refusal);
  return {.kind = GateWord::Kind::kOut,
          .rejection = {temporary ? 503 : 401, text_of(refusal).description, text_of(refusal).french},
          .headers = temporary ? std::string() : challenge(refusal)};
}

// In, unless that is too often; what is forbidden counts too.
GateWord AccessGate::take(const Rule& rule, const std::shared_ptr<const identity::Identity>& identity) const {
  GateWord word{.caller = identity};
  const std::size_t limit = rule.limits[identity->role ? static_cast<std::size_t>(*identity->role) + 1 : 0];
  if (limit == identity::Throttle::kNoRule) return word;
  const identity::RateAnswer answer = options_.throttle->take(limit, identity->issuer, identity->subject);
  if (!answer.allowed) {
    word = too_often(answer);
    word.caller = identity;
  } else {
    add_limit(word.headers, answer);
  }
  return word;
}

void AccessGate::audit(const identity::AuditEvent& event) const {
  if (options_.audit) options_.audit->write(event);
}

}  // namespace vigie::api
