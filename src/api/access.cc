#include "api/access.h"

#include <algorithm>

namespace vigie::api {
namespace {

using http::GateWord;
using identity::Refusal;

constexpr std::array kRules = {
    AccessRule{"health", Access::kAnyone},         AccessRule{"health_live", Access::kAnyone},
    AccessRule{"health_ready", Access::kAnyone},   AccessRule{"features", Access::kAnyone},
    AccessRule{"metrics", Access::kAnyone},        AccessRule{"docs", Access::kAnyone},
    AccessRule{"openapi", Access::kAnyone},        AccessRule{"jwks", Access::kAnyone},
    AccessRule{"discovery", Access::kAnyone},      AccessRule{"predict", Access::kAnalyst},
    AccessRule{"predict_batch", Access::kAnalyst},
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
    case Access::kViewer: return kViewer;
    case Access::kAnalyst: return kAnalyst;
    case Access::kAdmin: return kAdmin;
    case Access::kAnyone:
    case Access::kNobody: break;
  }
  return kNone;
}

bool may(Access access, std::optional<identity::Role> role) {
  switch (access) {
    case Access::kAnyone: return true;
    case Access::kViewer: return role >= identity::Role::kViewer;
    case Access::kAnalyst: return role >= identity::Role::kAnalyst;
    case Access::kAdmin: return role >= identity::Role::kAdmin;
    case Access::kNobody: return false;
  }
  return false;
}

}  // namespace

std::span<const AccessRule> access_rules() { return kRules; }

Access access_of(std::string_view route) {
  // What the page of /docs is made of comes with it.
  if (route.starts_with("docs_")) route = "docs";
  const auto rule = std::ranges::find(kRules, route, &AccessRule::route);
  return rule == kRules.end() ? Access::kNobody : rule->access;
}

AccessGate::AccessGate(const http::Router& router, std::shared_ptr<identity::Authenticator> authenticator,
                       std::shared_ptr<identity::Throttle> throttle)
    : authenticator_(std::move(authenticator)), throttle_(std::move(throttle)) {
  for (const http::Route* route : router.routes()) {
    access_.resize(std::max(access_.size(), route->index + 1), Access::kNobody);
    access_[route->index] = access_of(route->name);
  }
}

GateWord AccessGate::at_once(const http::Route& route, const http::Request& request) const {
  const Access access = access_[route.index];
  if (access == Access::kAnyone) return {};
  const auto outcome = authenticator_->at_once(request.header("Authorization"));
  if (outcome) return judge(access, *outcome);
  const std::uint64_t locked = throttle_ ? throttle_->locked_for(request.client_address) : 0;
  if (locked == 0) return {.kind = GateWord::Kind::kWait};
  return {.kind = GateWord::Kind::kOut,
          .rejection = {429, "too many tokens from this address were not good: try again later",
                        "Trop de jetons refusés venant de cette adresse : réessayez plus tard"},
          .headers = "Retry-After: " + std::to_string(locked) + "\r\n"};
}

GateWord AccessGate::decide(const http::Route& route, const http::Request& request) const {
  const auto outcome = authenticator_->decide(request.header("Authorization"));
  if (throttle_ && outcome) throttle_->succeeded(request.client_address);
  if (throttle_ && !outcome && !identity::is_temporary(outcome.error())) throttle_->failed(request.client_address);
  return judge(access_[route.index], outcome);
}

GateWord AccessGate::judge(Access access, const identity::Authenticator::Outcome& outcome) const {
  if (!outcome) {
    const Refusal refusal = outcome.error();
    if (identity::is_temporary(refusal)) {
      return {.kind = GateWord::Kind::kOut, .rejection = {503, text_of(refusal).description, text_of(refusal).french}};
    }
    return {.kind = GateWord::Kind::kOut,
            .rejection = {401, text_of(refusal).description, text_of(refusal).french},
            .headers = challenge(refusal)};
  }
  if (may(access, (*outcome)->role)) return let_in(**outcome);
  const Wanted& words = wanted(access);
  return {.kind = GateWord::Kind::kOut,
          .rejection = {403, words.english, words.french},
          .headers = std::string(words.challenge)};
}

GateWord AccessGate::let_in(const identity::Identity& identity) const {
  const auto answer = throttle_ ? throttle_->take(identity.subject) : std::nullopt;
  if (!answer || answer->allowed) return {};
  std::string headers = "RateLimit-Limit: " + std::to_string(answer->limit) + "\r\n";
  headers += "RateLimit-Remaining: " + std::to_string(answer->remaining) + "\r\n";
  headers += "RateLimit-Reset: " + std::to_string(answer->reset) + "\r\n";
  headers += "Retry-After: " + std::to_string(answer->retry_after) + "\r\n";
  return {.kind = GateWord::Kind::kOut,
          .rejection = {429, "too many requests: try again later", "Trop de demandes : réessayez plus tard"},
          .headers = std::move(headers)};
}

}  // namespace vigie::api
