// What an issuer says of itself at /.well-known/openid-configuration (OpenID Connect Discovery 1.0; RFC 8414 has the
// same members), and its key set with it.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/fetch.h"

namespace vigie::identity {

struct Provider {
  std::string issuer;
  std::string jwks_uri;
  std::string introspection_endpoint{};  // this and the next two are empty where the issuer names none
  std::string authorization_endpoint{};
  std::string token_endpoint{};
};

// An address that parse_remote_url() allows, without query and fragment (section 3). Errors: kInvalidArgument.
Status check_issuer(const std::string& issuer, bool plain_http = false);

// Where `issuer` has its configuration (section 4.1); slashes at its end are not doubled.
std::string configuration_url(std::string_view issuer);

// The document's issuer must be `issuer`, byte for byte (section 4.3): one that speaks for another would have tokens of
// the other's name. Addresses must be allowed by parse_remote_url(). A member that stands twice is refused, at any
// depth. Errors: kInvalidData, with the member as field; of the document no more than a host is repeated.
Result<Provider> parse_provider(std::string_view text, std::string_view issuer, bool plain_http = false);

struct IssuerDocuments {
  Provider provider;
  std::string key_set;                            // as it came: JSON or not is for its parser to say
  std::optional<std::chrono::seconds> max_age{};  // the key set's
};

// Both documents anew, for Refreshed: a key set may move. Errors as of check_issuer(), Fetcher::get() and
// parse_provider(), and kUnavailable where an answer is not 200.
Result<IssuerDocuments> fetch_issuer(Fetcher& fetcher, const std::string& issuer, const std::stop_token& stop = {});

}  // namespace vigie::identity
