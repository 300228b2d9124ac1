#include "identity/authorization_code.h"

#include <algorithm>

#include "identity/base64url.h"
#include "identity/nonce.h"
#include "identity/strict_json.h"
#include "identity/token.h"

namespace vigie::identity {
namespace {

constexpr std::size_t kNonceBytes = 32;
constexpr std::size_t kNonceLetters = 43;

bool is_nonce(std::string_view text) { return text.size() == kNonceLetters && decode_base64url(text).has_value(); }

// RFC 6749, 5.2: it is not the code that is wrong.
bool is_about_client(const boost::json::object& answer) {
  const boost::json::value* const error = answer.if_contains("error");
  if (error == nullptr || !error->is_string()) return false;
  const std::string_view text = error->get_string();
  return text == "invalid_client" || text == "unauthorized_client" || text == "unsupported_grant_type";
}

std::unexpected<Error> no_endpoint(const Provider& provider, const char* member) {
  return fail(Code::kFailedPrecondition, "the provider names no such endpoint",
              {.file = configuration_url(provider.issuer), .field = member},
              "people cannot log in at this provider; use its tokens");
}

}  // namespace

Result<LoginAttempt> LoginAttempt::draw() {
  LoginAttempt attempt;
  attempt.state = VIGIE_TRY(draw_nonce(kNonceBytes));
  attempt.verifier = VIGIE_TRY(draw_nonce(kNonceBytes));
  return attempt;
}

std::optional<LoginAttempt> LoginAttempt::parse(std::string_view text) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || !is_nonce(text.substr(0, dot)) || !is_nonce(text.substr(dot + 1))) {
    return std::nullopt;
  }
  return LoginAttempt{std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
}

std::string code_challenge(std::string_view verifier) { return sha256_base64url(verifier); }

Result<std::string> authorization_url(const Provider& provider, const LoginClient& client,
                                      const LoginAttempt& attempt) {
  const std::string& endpoint = provider.authorization_endpoint;
  if (endpoint.empty()) return no_endpoint(provider, "authorization_endpoint");
  // The endpoint may have a query of its own (RFC 6749, 3.1).
  std::string url = endpoint + (endpoint.find('?') == std::string::npos ? "?" : "&") + "response_type=code";
  const auto add = [&](std::string_view name, std::string_view value) {
    url.append("&").append(name).append("=").append(form_encoded(value));
  };
  add("client_id", client.id);
  add("redirect_uri", client.redirect_uri);
  add("scope", client.scope);
  add("state", attempt.state);
  add("code_challenge", code_challenge(attempt.verifier));
  add("code_challenge_method", "S256");
  return url;
}

Result<std::string> exchange_code(Fetcher& fetcher, const Provider& provider, const LoginClient& client,
                                  std::string_view code, const LoginAttempt& attempt, const std::stop_token& stop) {
  if (provider.token_endpoint.empty()) return no_endpoint(provider, "token_endpoint");
  std::string form = "grant_type=authorization_code&code=" + form_encoded(code) +
                     "&redirect_uri=" + form_encoded(client.redirect_uri) + "&code_verifier=" + attempt.verifier;
  // A client without a secret says who it is in the form (RFC 6749, 4.1.3).
  if (client.secret.empty()) form += "&client_id=" + form_encoded(client.id);
  const BasicCredentials credentials{client.secret.empty() ? "" : form_encoded(client.id), form_encoded(client.secret)};
  const Document document = VIGIE_TRY(fetcher.post_form(provider.token_endpoint, form, credentials, stop));
  const auto wrong = [&](Code why, std::string message, const char* remedy) {
    return fail(why, std::move(message), {.file = provider.issuer, .field = "token_endpoint"}, remedy);
  };
  const auto answer = parse_object(document.body);
  if (document.status == 400 || document.status == 401 || document.status == 403) {
    if (document.status == 401 || (answer && is_about_client(*answer))) {
      return wrong(Code::kFailedPrecondition,
                   "refuses this server as a client, answer " + std::to_string(document.status),
                   "check oidc.client_id and oidc.client_secret, and that the client may use authorization codes");
    }
    return wrong(Code::kPermissionDenied, "refuses the code, answer " + std::to_string(document.status),
                 "log in again; where it stays so, check the redirect address that the provider has");
  }
  if (document.status != 200) {
    return wrong(Code::kUnavailable, "answers " + std::to_string(document.status), "try again later");
  }
  const boost::json::value* const token = answer ? answer->if_contains("access_token") : nullptr;
  const boost::json::value* const type = answer ? answer->if_contains("token_type") : nullptr;
  const bool bearer = type != nullptr && type->is_string() &&
                      std::ranges::equal(type->get_string(), std::string_view("bearer"),
                                         [](char a, char b) { return (a | 0x20) == b; });
  if (token == nullptr || !token->is_string() || token->get_string().empty() ||
      token->get_string().size() > kLongestToken || !bearer) {
    return wrong(Code::kInvalidData, "its answer holds no bearer token", "check that this is the provider's endpoint");
  }
  return std::string(token->get_string());
}

}  // namespace vigie::identity
