// Sessions of browsers: a token of the local issuer in a cookie that no script reads. It is checked, cached and revoked
// as any token is, so that a restart keeps sessions and every replica with the same state folder knows them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "api/cookie.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "identity/audit_log.h"
#include "identity/authorization_code.h"
#include "identity/local_issuer.h"
#include "identity/login_codes.h"

namespace vigie::api {

// Where people log in at a provider. Any thread; both calls may wait for it.
class ProviderLogin {
 public:
  virtual ~ProviderLogin() = default;
  virtual Result<std::string> address(const identity::LoginAttempt& attempt) = 0;
  // The provider's access token.
  virtual Result<std::string> exchange(std::string_view code, const identity::LoginAttempt& attempt) = 0;
  virtual std::string issuer() const = 0;
};

struct Sessions {
  std::shared_ptr<identity::LocalIssuer> issuer;  // signs them; not null
  std::chrono::seconds life = std::chrono::hours(8);
  bool secure = false;                          // browsers reach this server over TLS
  bool by_code = true;                          // one-time codes log in
  std::shared_ptr<ProviderLogin> provider{};    // instead: people log in there; none of both: nobody does
  std::shared_ptr<identity::AuditLog> audit{};  // none: nothing is written
  const Clock* clock = &system_clock();
  // Why a session or a key could not be written: what clients are told says to look into the log. Any thread.
  std::function<void(const Error&)> on_failure = [](const Error&) {};

  Cookie cookie() const { return make_cookie("vigie_session", secure, true); }
  // Of a login that is on its way: it comes back from the provider's pages, and so by a link from elsewhere.
  Cookie attempt_cookie() const { return make_cookie("vigie_login", secure, false); }
};

// Signs a session and puts its cookie into the answer; the token that it holds.
Result<identity::IssuedToken> begin_session(const Sessions& sessions, const identity::Login& login,
                                            const http::Request& request, http::Response& response);

}  // namespace vigie::api
