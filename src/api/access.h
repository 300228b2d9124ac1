// Which role each route wants: the one table, and the gate that keeps it. A route that is not in it is nobody's.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "http/gate.h"
#include "http/router.h"
#include "identity/authenticator.h"
#include "identity/throttle.h"

namespace vigie::api {

enum class Access : std::uint8_t { kAnyone, kViewer, kAnalyst, kAdmin, kNobody };

struct AccessRule {
  std::string_view route;  // Route::name
  Access access;
};

std::span<const AccessRule> access_rules();
Access access_of(std::string_view route);

// 401 with RFC 6750's challenge to who is not known, 403 to who may not, 429 to who asks too often or is locked out. A
// lockout holds back tokens that are not known yet: who is known goes on, though somebody else behind his address
// fails.
class AccessGate : public http::Gate {
 public:
  // Of all routes that the router has now.
  AccessGate(const http::Router& router, std::shared_ptr<identity::Authenticator> authenticator,
             std::shared_ptr<identity::Throttle> throttle = {});

  http::GateWord at_once(const http::Route& route, const http::Request& request) const override;
  http::GateWord decide(const http::Route& route, const http::Request& request) const override;

 private:
  http::GateWord judge(Access access, const identity::Authenticator::Outcome& outcome) const;
  http::GateWord let_in(const identity::Identity& identity) const;

  std::vector<Access> access_;  // by Route::index
  std::shared_ptr<identity::Authenticator> authenticator_;
  std::shared_ptr<identity::Throttle> throttle_;  // none: nobody is held back
};

}  // namespace vigie::api
