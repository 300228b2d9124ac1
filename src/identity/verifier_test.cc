// Tokens that are good, and every kind of token that is not, each refused for its own reason.
#include "identity/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "identity/test_keys.h"

namespace vigie::identity {
namespace {

constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"one","typ":"at+jwt"})";
constexpr std::int64_t kNow = 1'800'000'000;

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

class FixedKeys : public KeySource {
 public:
  explicit FixedKeys(const std::string& jwks) {
    auto set = KeySet::parse("{\"keys\": [" + jwks + "]}");
    if (!set) throw std::runtime_error(set.error().to_string());
    keys_ = std::make_shared<const KeySet>(std::move(*set));
  }
  FixedKeys() = default;
  std::shared_ptr<const KeySet> keys() const override { return keys_; }

 private:
  std::shared_ptr<const KeySet> keys_;
};

class RevokedIds : public RevocationSource {
 public:
  bool revoked(const Claims& claims) const override { return claims.id == "revoked"; }
};

// Claims of a good token, of which a test changes some: a value is JSON, an empty one leaves the claim out.
std::string claims(const std::map<std::string, std::string>& changed = {}) {
  std::map<std::string, std::string> members = {{"iss", R"("https://id.example/realms/bank")"},
                                                {"sub", R"("u-17")"},
                                                {"aud", R"(["account", "vigie"])"},
                                                {"exp", std::to_string(kNow + 300)},
                                                {"iat", std::to_string(kNow)},
                                                {"nbf", std::to_string(kNow)},
                                                {"jti", R"("a-1")"},
                                                {"azp", R"("till")"},
                                                {"realm_access", R"({"roles": ["offline_access", "analyst"]})"}};
  for (const auto& [name, value] : changed) members[name] = value;
  std::string text;
  for (const auto& [name, value] : members) {
    if (!value.empty()) text += (text.empty() ? "{\"" : ",\"") + name + "\":" + value;
  }
  return text + "}";
}

class VerifierTest : public testing::Test {
 protected:
  static const TestKey& ec() {
    static const TestKey key = TestKey::ec();
    return key;
  }
  static const TestKey& rsa() {
    static const TestKey key = TestKey::rsa();
    return key;
  }
  static const TestKey& stranger() {
    static const TestKey key = TestKey::ec();
    return key;
  }

  VerifierTest() : keys_(std::make_shared<FixedKeys>(published())) { make(); }

  static std::string published() {
    return ec().jwk("one") + "," + rsa().jwk("two") + "," + rsa().jwk("pss", R"(, "use": "sig", "alg": "PS256")") +
           "," + rsa().jwk("enc", R"(, "use": "enc")") + "," + TestKey::rsa(512).jwk("weak");
  }

  void make(std::vector<std::string> parties = {}) {
    auto made = Verifier::make({{.policy = {.issuer = "https://id.example/realms/bank",
                                            .audiences = {"vigie", "https://vigie.example"},
                                            .parties = std::move(parties)},
                                 .keys = keys_,
                                 .revocations = std::make_shared<RevokedIds>()}});
    ASSERT_TRUE(made) << made.error().to_string();
    verifier_.emplace(std::move(*made));
  }

  std::string token(const std::map<std::string, std::string>& changed = {}) const {
    return ec().token("ES256", kHeader, claims(changed));
  }
  // "good", or the name of the reason.
  std::string judge(const std::string& text) const {
    const auto identity = verifier_->verify(text, at(kNow));
    return identity ? "good" : std::string(text_of(identity.error()).name);
  }
  std::string judge_header(const std::string& header) const { return judge(ec().token("ES256", header, claims())); }

  std::shared_ptr<KeySource> keys_;
  std::optional<Verifier> verifier_;
};

TEST_F(VerifierTest, TellsWhoseAGoodTokenIs) {
  const auto identity = verifier_->verify(token(), at(kNow));
  ASSERT_TRUE(identity) << text_of(identity.error()).description;
  EXPECT_EQ(identity->issuer, "https://id.example/realms/bank");
  EXPECT_EQ(identity->subject, "u-17");
  EXPECT_EQ(identity->client, "till");
  EXPECT_EQ(identity->token_id, "a-1");
  EXPECT_EQ(identity->role, Role::kAnalyst);
  EXPECT_EQ(identity->expires, at(kNow + 300));
}

TEST_F(VerifierTest, TakesEachAlgorithmWithAKeyThatIsForIt) {
  for (const auto& [algorithm, id] :
       {std::pair{"RS256", "two"}, {"RS384", "two"}, {"RS512", "two"}, {"PS256", "two"}, {"PS256", "pss"}}) {
    const std::string header = R"({"alg":")" + std::string(algorithm) + R"(","kid":")" + id + "\"}";
    EXPECT_EQ(judge(rsa().token(algorithm, header, claims())), "good") << algorithm << " " << id;
  }
  EXPECT_EQ(judge_header(R"({"alg":"ES256"})"), "good") << "without kid, and one key of the curve";
  EXPECT_EQ(judge_header(R"({"alg":"ES256","kid":"one","typ":"JWT"})"), "good");
  EXPECT_EQ(judge_header(R"({"alg":"ES256","kid":"one","typ":"application/AT+jwt","x5t":"Zm9v"})"), "good");
}

TEST_F(VerifierTest, RolesComeFromKeycloakOktaAndOurselves) {
  const auto role = [&](const std::string& name, const std::string& value) {
    const auto identity = verifier_->verify(token({{"realm_access", ""}, {name, value}}), at(kNow));
    if (!identity) return std::string(text_of(identity.error()).name);
    return identity->role ? std::string(to_string(*identity->role)) : "none";
  };
  EXPECT_EQ(role("roles", R"(["viewer"])"), "viewer");
  EXPECT_EQ(role("groups", R"(["Everyone", "admin"])"), "admin");
  EXPECT_EQ(role("scp", R"(["openid", "analyst"])"), "analyst");
  EXPECT_EQ(role("scp", R"("openid analyst viewer")"), "analyst") << "the highest counts";
  EXPECT_EQ(role("groups", R"(["Admin", "administrator", "ADMIN", " admin", "admin\u0000"])"), "none");
  EXPECT_EQ(role("groups", R"({"admin": true})"), "none");
  EXPECT_EQ(role("groups", R"([["admin"], {"a": "admin"}, 1])"), "none");
  EXPECT_EQ(role("realm_access", R"("admin")"), "none");
  EXPECT_EQ(role("realm_access", R"({"roles": {"roles": ["admin"]}})"), "none");
  EXPECT_EQ(role("resource_access", R"({"other": {"roles": ["admin"]}})"), "none") << "somebody else's roles";
  EXPECT_EQ(role("sub", R"("admin")"), "none");
}

TEST_F(VerifierTest, RefusesAttacksOnTheSignature) {
  const std::string good = token();
  const std::string unsigned_part = good.substr(0, good.rfind('.') + 1);
  const std::string public_key = ec().members();
  const auto with = [&](const char* algorithm, const char* id) {
    return R"({"alg":")" + std::string(algorithm) + R"(","kid":")" + id + "\"}";
  };
  std::string bent = good;
  bent[bent.size() - 5] = bent[bent.size() - 5] == 'A' ? 'B' : 'A';
  std::string other_claims = encode_base64url(kHeader);
  other_claims += "." + encode_base64url(claims({{"sub", "\"root\""}})) + good.substr(good.rfind('.'));
  const auto bare = [&](const std::string& header, const std::string& signature = {}) {
    return encode_base64url(header) + "." + encode_base64url(claims()) + "." + signature;
  };
  const auto zeros = [](std::size_t size) { return encode_base64url(std::string(size, '\0')); };
  const auto half_order = encode_base64url(std::string(32, '\0') + std::string(31, '\0') + '\1');
  const struct {
    const char* name;
    std::string token;
    const char* reason;
  } cases[] = {
      {"the good one", good, "good"},
      {"alg none", bare(R"({"alg":"none"})"), "algorithm"},
      {"alg None", bare(R"({"alg":"None","kid":"one"})"), "algorithm"},
      {"alg none, with a signature", bare(R"({"alg":"none"})", good.substr(good.rfind('.') + 1)), "algorithm"},
      {"alg empty", bare(R"({"alg":""})"), "algorithm"},
      {"alg missing", bare(R"({"kid":"one"})"), "header"},
      {"alg a number", bare(R"({"alg":256})"), "header"},
      {"alg a list", bare(R"({"alg":["ES256"]})"), "header"},
      {"alg in lower case", ec().token("ES256", with("es256", "one"), claims()), "algorithm"},
      {"alg with a NUL", bare(R"({"alg":"ES256\u0000"})"), "algorithm"},
      {"HS256 with the public key as secret", hmac_token(public_key, with("HS256", "one"), claims()), "algorithm"},
      {"HS256 with an empty secret", hmac_token("", with("HS256", "one"), claims()), "algorithm"},
      {"ES256 header over a MAC", hmac_token(public_key, with("ES256", "one"), claims()), "signature"},
      {"RS256 header over an EC key", ec().token("ES256", with("RS256", "one"), claims()), "wrong_key"},
      {"ES256 header over an RSA key", rsa().token("RS256", with("ES256", "two"), claims()), "wrong_key"},
      {"RS256 with a key for PS256", rsa().token("RS256", with("RS256", "pss"), claims()), "wrong_key"},
      {"PS256 header, RS256 signature", rsa().token("RS256", with("PS256", "two"), claims()), "signature"},
      {"RS512 header, RS256 signature", rsa().token("RS256", with("RS512", "two"), claims()), "signature"},
      {"ES384 over P-256", ec().token("ES256", with("ES384", "one"), claims()), "wrong_key"},
      {"a key that is published for encryption", rsa().token("RS256", with("RS256", "enc"), claims()), "unknown_key"},
      {"a key of 512 bits", rsa().token("RS256", with("RS256", "weak"), claims()), "unknown_key"},
      {"signed by a stranger", stranger().token("ES256", kHeader, claims()), "signature"},
      {"unsigned", unsigned_part, "signature"},
      {"signature of zeros (psychic)", unsigned_part + zeros(64), "signature"},
      {"r = 0, s = 1", unsigned_part + half_order, "signature"},
      {"signature in DER", unsigned_part + encode_base64url("\x30\x06\x02\x01\x01\x02\x01\x01"), "signature"},
      {"signature a byte longer", good + "AA", "signature"},
      {"signature three letters longer", good.substr(0, good.size() - 2) + "AAAA", "signature"},
      {"signature bent", bent, "signature"},
      {"claims of another token", other_claims, "signature"},
      {"truncated", good.substr(0, good.size() - 6), "signature"},
  };
  for (const auto& it : cases) EXPECT_EQ(judge(it.token), it.reason) << it.name;
}

TEST_F(VerifierTest, RefusesAttacksOnTheHeader) {
  const struct {
    const char* name;
    std::string header;
    const char* reason;
  } cases[] = {
      {"kid unknown", R"({"alg":"ES256","kid":"three"})", "unknown_key"},
      {"kid that walks up", R"({"alg":"ES256","kid":"../../../../dev/null"})", "unknown_key"},
      {"kid with SQL", R"({"alg":"ES256","kid":"x' UNION SELECT 'one"})", "unknown_key"},
      {"kid with a command", R"({"alg":"ES256","kid":"|/usr/bin/id"})", "unknown_key"},
      {"kid with a NUL", R"({"alg":"ES256","kid":"one\u0000"})", "unknown_key"},
      {"kid in another case", R"({"alg":"ES256","kid":"ONE"})", "unknown_key"},
      {"kid in full-width letters", R"({"alg":"ES256","kid":"ｏｎｅ"})", "unknown_key"},
      {"kid empty", R"({"alg":"ES256","kid":""})", "header"},
      {"kid null", R"({"alg":"ES256","kid":null})", "header"},
      {"kid a number", R"({"alg":"ES256","kid":1})", "header"},
      {"kid twice", R"({"alg":"ES256","kid":"one","kid":"two"})", "header"},
      {"kid of 300 letters", R"({"alg":"ES256","kid":")" + std::string(300, 'k') + "\"}", "header"},
      {"alg twice", R"({"alg":"ES256","alg":"none"})", "header"},
      {"alg twice, once escaped", R"({"alg":"ES256","\u0061lg":"none"})", "header"},
      {"jku", R"({"alg":"ES256","kid":"one","jku":"https://evil.example/keys"})", "own_key"},
      {"x5u", R"({"alg":"ES256","kid":"one","x5u":"https://evil.example/cert"})", "own_key"},
      {"x5c", R"({"alg":"ES256","kid":"one","x5c":["MIIB"]})", "own_key"},
      {"embedded jwk", R"({"alg":"ES256","jwk":{)" + stranger().members() + "}}", "own_key"},
      {"critical extension", R"({"alg":"ES256","kid":"one","crit":["exp"],"exp":1})", "header"},
      {"unencoded payload", R"({"alg":"ES256","kid":"one","b64":false})", "header"},
      {"a refresh token's type", R"({"alg":"ES256","kid":"one","typ":"refresh+jwt"})", "type"},
      {"a logout token's type", R"({"alg":"ES256","kid":"one","typ":"logout+jwt"})", "type"},
      {"an ID token's type", R"({"alg":"ES256","kid":"one","typ":"ID"})", "type"},
      {"typ a number", R"({"alg":"ES256","kid":"one","typ":1})", "header"},
      {"not an object", R"(["ES256"])", "header"},
      {"byte order mark",
       "\xef\xbb\xbf"
       R"({"alg":"ES256"})",
       "header"},
      {"not UTF-8", "{\"alg\":\"ES256\",\"kid\":\"\xff\"}", "header"},
      {"something after it", R"({"alg":"ES256"} {})", "header"},
      {"deep", R"({"alg":"ES256","a":)" + std::string(5000, '[') + std::string(5000, ']') + "}", "header"},
  };
  for (const auto& it : cases) EXPECT_EQ(judge_header(it.header), it.reason) << it.name;
}

TEST_F(VerifierTest, RefusesWrongClaims) {
  const auto seconds = [](std::int64_t after) { return std::to_string(kNow + after); };
  const struct {
    const char* name;
    std::map<std::string, std::string> changed;
    const char* reason;
  } cases[] = {
      {"expired", {{"exp", seconds(-31)}}, "expired"},
      {"expired within the leeway", {{"exp", seconds(-29)}}, "good"},
      {"expired at the leeway's end", {{"exp", seconds(-30)}}, "expired"},
      {"exp missing", {{"exp", ""}}, "claims"},
      {"exp a text", {{"exp", "\"" + seconds(300) + "\""}}, "claims"},
      {"exp not finite", {{"exp", "1e999"}}, "claims"},
      {"exp negative", {{"exp", "-1"}}, "claims"},
      {"exp in the year 300,000", {{"exp", "9460000000000"}}, "claims"},
      {"exp null", {{"exp", "null"}}, "claims"},
      {"exp with a fraction", {{"exp", seconds(1) + ".5"}}, "good"},
      {"not yet valid", {{"nbf", seconds(31)}}, "not_yet_valid"},
      {"nearly valid", {{"nbf", seconds(29)}}, "good"},
      {"nbf a text", {{"nbf", "\"0\""}}, "claims"},
      {"issued in the future", {{"iat", seconds(3600)}}, "not_yet_valid"},
      {"wrong issuer", {{"iss", R"("https://evil.example")"}}, "issuer"},
      {"issuer with a slash more", {{"iss", R"("https://id.example/realms/bank/")"}}, "issuer"},
      {"issuer in other case", {{"iss", R"("https://ID.example/realms/bank")"}}, "issuer"},
      {"issuer with a NUL", {{"iss", R"("https://id.example/realms/bank\u0000")"}}, "issuer"},
      {"issuer missing", {{"iss", ""}}, "issuer"},
      {"issuer a list", {{"iss", R"(["https://id.example/realms/bank"])"}}, "claims"},
      {"audience of another", {{"aud", R"("account")"}}, "audience"},
      {"audience as a text", {{"aud", R"("vigie")"}}, "good"},
      {"the second audience", {{"aud", R"(["https://vigie.example"])"}}, "good"},
      {"audience that contains ours", {{"aud", R"("vigie2")"}}, "audience"},
      {"audience missing", {{"aud", ""}}, "audience"},
      {"audience empty", {{"aud", "[]"}}, "audience"},
      {"audience an object", {{"aud", R"({"vigie": true})"}}, "claims"},
      {"audience with a number", {{"aud", R"(["vigie", 1])"}}, "claims"},
      {"subject missing", {{"sub", ""}}, "claims"},
      {"subject empty", {{"sub", "\"\""}}, "claims"},
      {"subject a number", {{"sub", "17"}}, "claims"},
      {"revoked, and sent again", {{"jti", "\"revoked\""}}, "revoked"},
      {"Keycloak's ID token", {{"typ", "\"ID\""}}, "type"},
      {"Keycloak's refresh token", {{"typ", "\"Refresh\""}}, "type"},
      {"Keycloak's offline token", {{"typ", "\"Offline\""}}, "type"},
      {"Keycloak's access token", {{"typ", "\"Bearer\""}}, "good"},
      {"bound to a key", {{"cnf", R"({"jkt": "x"})"}}, "type"},
  };
  for (const auto& it : cases) EXPECT_EQ(judge(token(it.changed)), it.reason) << it.name;
}

TEST_F(VerifierTest, AnIdTokenIsKnownByItsClaimsWhereNobodySaysWhatItIs) {
  const std::string header = R"({"alg":"ES256","kid":"one"})";
  for (const char* const claim : {"nonce", "at_hash", "c_hash", "s_hash"}) {
    EXPECT_EQ(judge(ec().token("ES256", header, claims({{claim, "\"x\""}}))), "type") << claim;
  }
}

TEST_F(VerifierTest, RefusesTokensThatAreNone) {
  const std::string good = token();
  std::string padded = good;
  padded.replace(padded.find('.'), 1, "=.");
  std::string many = claims();
  many.pop_back();
  for (int i = 0; i < 10'000; ++i) many += ",\"c" + std::to_string(i) + "\":0";
  std::string hundreds = claims();
  hundreds.pop_back();
  for (int i = 0; i < 1'200; ++i) hundreds += ",\"" + std::to_string(i) + "\":0";
  const struct {
    const char* name;
    std::string token;
    const char* reason;
  } cases[] = {
      {"empty", "", "form"},
      {"one part", "abc", "form"},
      {"two parts", "abc.def", "form"},
      {"four parts", good + ".AAAA", "form"},
      {"five parts, encrypted", "e30.e30.e30.e30.e30", "form"},
      {"dots", "..", "form"},
      {"padding", padded, "form"},
      {"a space at its end", good + " ", "form"},
      {"a line's end in it", good.substr(0, 20) + "\n" + good.substr(20), "form"},
      {"standard base64", "e30+./e30.e30", "form"},
      {"the JSON serialization", R"({"payload":"e30","signatures":[]})", "form"},
      {"a megabyte", good + std::string(1 << 20, 'A'), "too_long"},
      {"10,000 claims", ec().token("ES256", kHeader, many + "}"), "too_long"},
      {"1,200 claims", ec().token("ES256", kHeader, hundreds + "}"), "claims"},
      {"claims that are no object", ec().token("ES256", kHeader, "[]"), "claims"},
      {"no claims", ec().token("ES256", kHeader, ""), "claims"},
      {"claims twice", ec().token("ES256", kHeader, R"({"sub":"a","sub":"b"})"), "claims"},
      {"claims not UTF-8", ec().token("ES256", kHeader, "{\"sub\":\"\xc0\xae\"}"), "claims"},
  };
  for (const auto& it : cases) EXPECT_EQ(judge(it.token), it.reason) << it.name;
}

TEST_F(VerifierTest, OnlyListedClientsWhereThereIsAList) {
  make({"till", "web"});
  EXPECT_EQ(judge(token()), "good");
  EXPECT_EQ(judge(token({{"azp", "\"other\""}})), "party");
  EXPECT_EQ(judge(token({{"azp", ""}})), "party");
  EXPECT_EQ(judge(token({{"azp", ""}, {"client_id", "\"web\""}})), "good") << "RFC 9068's name for it";
  EXPECT_EQ(judge(token({{"azp", "\"other\""}, {"client_id", "\"web\""}})), "party");
}

TEST_F(VerifierTest, EachIssuersTokensAreCheckedWithItsOwnKeys) {
  const auto theirs = std::make_shared<FixedKeys>(stranger().jwk("one"));
  auto both =
      Verifier::make({{{.issuer = "https://id.example/realms/bank", .audiences = {"vigie"}}, keys_},
                      {{.issuer = "https://okta.example", .audiences = {"vigie"}}, theirs},
                      {{.issuer = "https://down.example", .audiences = {"vigie"}}, std::make_shared<FixedKeys>()}});
  ASSERT_TRUE(both);
  verifier_.emplace(std::move(*both));
  const std::string okta = R"("https://okta.example")";
  EXPECT_EQ(judge(token()), "good");
  EXPECT_EQ(judge(stranger().token("ES256", kHeader, claims({{"iss", okta}}))), "good");
  EXPECT_EQ(judge(stranger().token("ES256", kHeader, claims())), "signature");
  EXPECT_EQ(judge(token({{"iss", okta}})), "signature");
  EXPECT_EQ(judge(token({{"iss", R"("https://down.example")"}})), "no_keys");
}

TEST_F(VerifierTest, RefusesPoliciesThatLetAnybodyIn) {
  const auto field = [&](IssuerPolicy policy) {
    const auto made = Verifier::make({{std::move(policy), keys_}});
    return made ? "" : made.error().place.field;
  };
  EXPECT_EQ(field({.issuer = "https://a.example", .audiences = {"a"}}), "");
  EXPECT_EQ(field({.issuer = "", .audiences = {"a"}}), "issuer");
  EXPECT_EQ(field({.issuer = "https://a.example", .audiences = {}}), "audiences");
  EXPECT_EQ(field({.issuer = "https://a.example", .audiences = {""}}), "audiences");
  EXPECT_EQ(field({.issuer = "https://a.example", .audiences = {"a"}, .algorithms = {}}), "algorithms");
  EXPECT_EQ(field({.issuer = "https://a.example", .audiences = {"a"}, .leeway = std::chrono::hours(1)}), "leeway");
  const IssuerPolicy policy{.issuer = "https://a.example", .audiences = {"a"}};
  EXPECT_FALSE(Verifier::make({{policy, keys_}, {policy, keys_}}));
}

}  // namespace
}  // namespace vigie::identity
