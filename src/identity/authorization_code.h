// How a browser's user logs in at a provider: the Authorization Code flow (RFC 6749, 4.1) with PKCE (RFC 7636), as
// RFC 9700 wants it of every client.
//
//   const LoginAttempt attempt = VIGIE_TRY(LoginAttempt::draw());
//   redirect(authorization_url(provider, client, attempt));      // the browser keeps the attempt in a cookie
//   ... and comes back with `state` and `code` ...
//   if (state != attempt.state) refuse();
//   const std::string token = VIGIE_TRY(exchange_code(fetcher, provider, client, code, attempt));
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/discovery.h"
#include "identity/fetch.h"

namespace vigie::identity {

// This server as the provider knows it.
struct LoginClient {
  std::string id;
  std::string secret;  // empty: a public client, which PKCE alone protects
  std::string redirect_uri;
  std::string scope = "openid";
};

struct LoginAttempt {
  std::string state;     // comes back with the code: it is this browser that began
  std::string verifier;  // the code is good for nobody without it

  static Result<LoginAttempt> draw();
  // "state.verifier", and back; nothing for any other text.
  std::string to_text() const { return state + "." + verifier; }
  static std::optional<LoginAttempt> parse(std::string_view text);
};

// S256 of RFC 7636, 4.2.
std::string code_challenge(std::string_view verifier);

// Where the browser goes. kFailedPrecondition where the provider names no such endpoint.
Result<std::string> authorization_url(const Provider& provider, const LoginClient& client, const LoginAttempt& attempt);

// The access token that the code is good for, once. Errors: kPermissionDenied (the provider refuses the code),
// kFailedPrecondition (it refuses this client, which its operator has to mend), kInvalidData (its answer is none), and
// those of Fetcher::post_form(). They hold neither code nor token.
Result<std::string> exchange_code(Fetcher& fetcher, const Provider& provider, const LoginClient& client,
                                  std::string_view code, const LoginAttempt& attempt, const std::stop_token& stop = {});

}  // namespace vigie::identity
