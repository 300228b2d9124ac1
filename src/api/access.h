// Which role each route wants: the one table, and the gate that keeps it. A route that is not in it is nobody's.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "http/client_address.h"
#include "http/gate.h"
#include "http/router.h"
#include "identity/audit_log.h"
#include "identity/authenticator.h"
#include "identity/throttle.h"

namespace vigie::api {

enum class Access : std::uint8_t {
  kAnyone,
  kGreeted,       // anyone, and who it is gets found out where it is told
  kAdminNetwork,  // anyone who asks from there, and viewers
  kViewer,
  kAnalyst,
  kAdmin,
  kNobody,
};

// Whether anyone may, without saying who it is.
constexpr bool is_open(Access access) { return access == Access::kAnyone || access == Access::kGreeted; }

struct AccessRule {
  std::string_view route;  // Route::name
  Access access;
};

std::span<const AccessRule> access_rules();
Access access_of(std::string_view route);

struct AccessOptions {
  std::shared_ptr<identity::Authenticator> authenticator{};  // not null
  std::shared_ptr<identity::Throttle> throttle{};            // none: nobody is held back
  std::shared_ptr<identity::AuditLog> audit{};               // none: nothing is written
  http::Networks admin_networks{};
  std::string session_cookie{};  // whose token counts where there is no Authorization; empty: none does
};

// 401 with RFC 6750's challenge to who is not known, 403 to who may not, 429 to who asks too often or is locked out. A
// lockout holds back tokens that are not known yet: who is known goes on, though somebody else behind his address
// fails.
//
// A browser sends its cookie by itself, whoever made it ask. So what changes something is taken with a cookie only from
// pages of this server, which browsers tell by Sec-Fetch-Site or Origin; SameSite=Strict is the other half.
class AccessGate : public http::Gate {
 public:
  // Of all routes that the router has now.
  AccessGate(const http::Router& router, AccessOptions options);

  http::GateWord at_once(const http::Route& route, const http::Request& request, http::GateNote& note) const override;
  http::GateWord decide(const http::Route& route, const http::Request& request) const override;

 private:
  static constexpr std::size_t kRoles = identity::kRoleNames.size() + 1;  // and none
  struct Rule {
    Access access = Access::kNobody;
    bool unlimited = false;                    // by address: whoever watches the server must see it
    std::array<std::size_t, kRoles> limits{};  // Throttle::rule_for()
  };
  using Outcome = identity::Authenticator::Outcome;

  std::string_view credentials(const http::Request& request, std::string& made) const;
  bool open_to(const Rule& rule, const http::Request& request) const;
  http::GateWord judge(const http::Route& route, const http::Request& request, const Outcome& outcome) const;
  http::GateWord refuse(const http::Route& route, const http::Request& request, identity::Refusal refusal) const;
  http::GateWord take(const Rule& rule, const std::shared_ptr<const identity::Identity>& identity) const;
  void audit(const identity::AuditEvent& event) const;

  std::vector<Rule> rules_;  // by Route::index
  AccessOptions options_;
};

}  // namespace vigie::api
