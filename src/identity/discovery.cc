#include "identity/discovery.h"

#include <boost/json/value.hpp>
#include <utility>

#include "identity/remote_url.h"
#include "identity/strict_json.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

// Of all objects and arrays together: Keycloak's has about 400, most of them names of algorithms.
constexpr std::size_t kMostMembers = 4000;

std::unexpected<Error> refuse(std::string_view member, std::string message, std::string remedy) {
  return fail(Code::kInvalidData, std::move(message), {.field = std::string(member)}, std::move(remedy));
}

// Empty where the member is absent or null.
Result<std::string> text_of(const json::object& document, std::string_view member) {
  const json::value* const value = document.if_contains(member);
  if (value == nullptr || value->is_null()) return std::string();
  const json::string* const text = value->if_string();
  if (text == nullptr) return refuse(member, "not a text", "check what answers at the issuer's address");
  return std::string(*text);
}

Result<std::string> address_of(const json::object& document, std::string_view member, bool plain_http) {
  std::string text = VIGIE_TRY(text_of(document, member));
  if (text.empty()) return text;
  if (auto url = parse_remote_url(text, plain_http); !url) {
    return refuse(member, std::move(url.error().message), std::move(url.error().remedy));
  }
  return text;
}

Result<Document> get_200(Fetcher& fetcher, const std::string& url, std::string_view what, const std::stop_token& stop) {
  Document document = VIGIE_TRY(fetcher.get(url, stop));
  if (document.status == 200) return document;
  const RemoteUrl at = VIGIE_TRY(parse_remote_url(url, fetcher.options().plain_http));
  return fail(Code::kUnavailable, "asked for " + std::string(what) + ", answers " + std::to_string(document.status),
              {.file = at.origin}, "check that this is the issuer's address, and the issuer's log");
}

}  // namespace

Status check_issuer(const std::string& issuer, bool plain_http) {
  if (auto url = parse_remote_url(issuer, plain_http); !url) return std::unexpected(std::move(url).error());
  if (issuer.find_first_of("?#") != std::string::npos) {
    return fail(Code::kInvalidArgument, "an issuer's URL has neither query nor fragment", {},
                "give it as its tokens write it in \"iss\"");
  }
  return {};
}

std::string configuration_url(std::string_view issuer) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

Result<Provider> parse_provider(std::string_view text, std::string_view issuer, bool plain_http) {
  const Result<json::object> parsed = parse_object(text, {.members = kMostMembers});
  if (!parsed) {
    return fail(Code::kInvalidData, "the configuration cannot be read: " + parsed.error().message, {},
                "check that this is the address of an OpenID Connect issuer");
  }
  const json::object& document = *parsed;
  Provider out;
  out.issuer = VIGIE_TRY(text_of(document, "issuer"));
  if (out.issuer != issuer) {
    return refuse("issuer", out.issuer.empty() ? "missing" : "not the issuer that is configured",
                  "configure it as its tokens write it in \"iss\", with the same case, port and slash at the end");
  }
  out.jwks_uri = VIGIE_TRY(address_of(document, "jwks_uri", plain_http));
  if (out.jwks_uri.empty()) return refuse("jwks_uri", "missing", "check that the issuer signs with published keys");
  out.introspection_endpoint = VIGIE_TRY(address_of(document, "introspection_endpoint", plain_http));
  out.authorization_endpoint = VIGIE_TRY(address_of(document, "authorization_endpoint", plain_http));
  out.token_endpoint = VIGIE_TRY(address_of(document, "token_endpoint", plain_http));
  return out;
}

Result<IssuerDocuments> fetch_issuer(Fetcher& fetcher, const std::string& issuer, const std::stop_token& stop) {
  VIGIE_TRY(check_issuer(issuer, fetcher.options().plain_http));
  const std::string at = configuration_url(issuer);
  const Document configuration = VIGIE_TRY(get_200(fetcher, at, "its configuration", stop));
  auto provider = parse_provider(configuration.body, issuer, fetcher.options().plain_http);
  if (!provider) {
    provider.error().place.file = at;
    return std::unexpected(std::move(provider).error());
  }
  Document keys = VIGIE_TRY(get_200(fetcher, provider->jwks_uri, "its keys", stop));
  return IssuerDocuments{.provider = std::move(*provider), .key_set = std::move(keys.body), .max_age = keys.max_age};
}

}  // namespace vigie::identity
