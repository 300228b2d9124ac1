// Whatever an issuer sends: what is taken is what the rest may rely on. The first byte chooses the parser.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "identity/discovery.h"
#include "identity/freshness.h"
#include "identity/introspection.h"
#include "identity/remote_url.h"
#include "identity/verifier.h"

namespace {

using namespace vigie::identity;

void require(bool holds) {
  if (!holds) __builtin_trap();
}

void read_provider(std::string_view text) {
  const auto provider = parse_provider(text, "https://id.example");
  if (!provider) return;
  require(provider->issuer == "https://id.example" && !provider->jwks_uri.empty());
  for (const std::string& address : {provider->jwks_uri, provider->introspection_endpoint,
                                     provider->authorization_endpoint, provider->token_endpoint}) {
    require(address.empty() || parse_remote_url(address));
  }
}

// An issuer that says of every token what it is told to say.
class Said : public TokenInquiry {
 public:
  explicit Said(Introspected answer) : answer_(std::move(answer)) {}
  vigie::Result<Introspected> ask(std::string_view) override { return answer_; }
  IntrospectionState state() const override { return {}; }

 private:
  Introspected answer_;
};

// Whoever is let in has what docs/identity.md says that an answer has to hold.
void judge(const Introspected& answer) {
  const vigie::WallTime now{std::chrono::seconds{1'795'262'400}};
  const auto verifier = Verifier::make({{.policy = {.issuer = "https://id.example", .audiences = {"vigie"}},
                                         .keys = nullptr,
                                         .inquiry = std::make_shared<Said>(answer)}});
  const auto identity = verifier->verify("opaque", now);
  if (!identity) return;
  require(answer.active && !identity->subject.empty());
  const Claims& claims = *answer.claims;
  require(std::ranges::count(claims.audiences, "vigie") > 0 && claims.expires &&
          *claims.expires > now - std::chrono::minutes(1));
  require(claims.issuer.empty() || claims.issuer == "https://id.example");
  require(!claims.all.contains("cnf") && (claims.all.contains("token_type") || claims.all.contains("typ")));
}

void read_introspection(std::string_view text) {
  const auto answer = parse_introspection(text);
  if (!answer) return;
  require(answer->active == (answer->claims != nullptr));
  if (!answer->active) return;
  require(answer->claims->all.at("active").get_bool());
  // Another reader, who would keep the last of two members silently, sees the same.
  boost::system::error_code error;
  const boost::json::value other = boost::json::parse(text, error);
  require(!error && other.is_object() && other.get_object() == answer->claims->all);
  judge(*answer);
}

void read_url(const std::string& text) {
  const auto url = parse_remote_url(text);
  if (!url) return;
  require(url->secure || url->loopback);
  const auto again = parse_remote_url(url->text);
  require(again && again->origin == url->origin && again->secure == url->secure && again->loopback == url->loopback);
}

void read_fields(std::string_view text) {
  CacheFields fields;
  for (std::string* const field : {&fields.cache_control, &fields.expires, &fields.date, &fields.age}) {
    const auto end = text.find('\n');
    *field = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const auto fresh = fresh_for(fields, vigie::WallTime{std::chrono::seconds{1'795'262'400}});
  require(!fresh || (fresh->count() >= 0 && fresh->count() <= std::int64_t{1} << 31));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 'p': read_provider(text); break;
    case 'i': read_introspection(text); break;
    case 'u': read_url(std::string(text)); break;
    default: read_fields(text); break;
  }
  return 0;
}
