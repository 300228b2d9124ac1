// Providers on loopback that say of a token what a test wants, and a server's judgement of it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include "identity/authenticator.h"
#include "identity/remote_inquiry.h"
#include "identity/scripted_server.h"
#include "identity/test_keys.h"

namespace vigie::identity {

inline constexpr std::int64_t kNow = 1'800'000'000;

struct MovableClock : Clock {
  WallTime now() const override { return WallTime{std::chrono::seconds{second.load()}}; }
  std::atomic<std::int64_t> second{kNow};
};

inline const TestKey& provider_key() {
  static const TestKey made = TestKey::ec();
  return made;
}

// A provider with its three documents. It knows the tokens of `answers`, whose values are whole answers.
class ProviderServer {
 public:
  explicit ProviderServer(bool with_introspection = true)
      : with_introspection_(with_introspection), server_([this](ScriptedServer::Peer& peer) { serve(peer); }) {}

  std::string issuer() const { return server_.url(""); }
  void say(const std::string& token, const std::string& body) { answer(token, scripted_answer("200 OK", body)); }
  void answer(const std::string& token, std::string whole) {
    const std::scoped_lock lock(mutex_);
    answers_[token] = std::move(whole);
  }
  std::vector<std::string> asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

  enum class Mood : std::uint8_t { kAnswers, kHolds, kHangs, kDrops };
  std::atomic<Mood> mood{Mood::kAnswers};
  std::function<void()> on_asked = [] {};

 private:
  void serve(ScriptedServer::Peer& peer) {
    const std::string request = peer.request();
    if (request.starts_with("GET /.well-known/openid-configuration ")) {
      const std::string more =
          with_introspection_ ? R"(,"introspection_endpoint":")" + issuer() + R"(/introspect")" : "";
      peer.send(scripted_answer(
          "200 OK", R"({"issuer":")" + issuer() + R"(","jwks_uri":")" + issuer() + R"(/certs")" + more + "}"));
    } else if (request.starts_with("GET /certs ")) {
      peer.send(scripted_answer("200 OK", R"({"keys":[)" + provider_key().jwk("one") + "]}"));
    } else if (request.starts_with("POST /introspect ")) {
      introspect(peer, request);
    }
  }
  void introspect(ScriptedServer::Peer& peer, const std::string& request) {
    const std::size_t begin = request.find("\r\n\r\ntoken=") + 10;
    const std::string token = request.substr(begin, request.find('&', begin) - begin);
    std::string answer = scripted_answer("200 OK", R"({"active":false})");
    {
      const std::scoped_lock lock(mutex_);
      asked_.push_back(token);
      if (const auto known = answers_.find(token); known != answers_.end()) answer = known->second;
    }
    on_asked();
    while (mood == Mood::kHolds) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    if (mood == Mood::kHangs) return peer.hang();
    if (mood != Mood::kDrops) peer.send(answer);
  }

  bool with_introspection_;
  std::mutex mutex_;
  std::map<std::string, std::string> answers_;
  std::vector<std::string> asked_;
  ScriptedServer server_;
};

// What introspection says of a good token, of which a test changes some: a value is JSON, an empty one leaves it out.
inline std::string active(const std::map<std::string, std::string>& changed = {}) {
  std::map<std::string, std::string> members = {{"active", "true"},
                                                {"sub", R"("u-17")"},
                                                {"aud", R"(["other","vigie"])"},
                                                {"client_id", R"("till")"},
                                                {"token_type", R"("Bearer")"},
                                                {"exp", std::to_string(kNow + 300)},
                                                {"scope", R"("openid analyst")"}};
  for (const auto& [name, value] : changed) members[name] = value;
  std::string text;
  for (const auto& [name, value] : members) {
    if (!value.empty()) text += (text.empty() ? "{\"" : ",\"") + name + "\":" + value;
  }
  return text + "}";
}

class InquiryFixture : public testing::Test {
 protected:
  enum class Asks : std::uint8_t { kNever, kOpaque, kAlways };

  // Of several providers the calls of this come in the order of the settings.
  void add(ProviderServer& provider, Asks asks = Asks::kOpaque, FetchOptions fetch = patient(),
           std::vector<std::string> parties = {}) {
    auto remote = RemoteIssuer::open({.issuer = provider.issuer(), .fetch = patient()});
    ASSERT_TRUE(remote) << remote.error().to_string();
    ASSERT_TRUE((*remote)->wait_for_keys(std::chrono::seconds{30}));
    RemoteInquiry::Options options{.introspection = {.client_id = "vigie", .client_secret = "secret"},
                                   .fetch = std::move(fetch),
                                   .clock = &clock_};
    issuers_.push_back({.policy = {.issuer = provider.issuer(), .audiences = {"vigie"}, .parties = std::move(parties)},
                        .keys = *remote,
                        .inquiry = asks == Asks::kNever ? nullptr
                                                        : std::make_shared<RemoteInquiry>(*remote, std::move(options),
                                                                                          *KeyedHash::draw()),
                        .asks_about_signed = asks == Asks::kAlways});
  }
  void open() {
    auto verifier = Verifier::make(issuers_);
    ASSERT_TRUE(verifier) << verifier.error().to_string();
    authenticator_.emplace(std::move(*verifier), *KeyedHash::draw(), Authenticator::Options{.clock = &clock_});
  }
  Authenticator::Outcome decide(const std::string& token) { return authenticator_->decide("Bearer " + token); }
  // "good", or the name of the reason.
  std::string judge(const std::string& token) {
    const auto outcome = decide(token);
    return outcome ? "good" : std::string(text_of(outcome.error()).name);
  }
  bool known(const std::string& token) {
    std::optional<KeyedHash::Digest> digest;
    const auto outcome = authenticator_->at_once("Bearer " + token, digest);
    return outcome && *outcome;
  }
  static std::string signed_token(const ProviderServer& provider, const std::string& subject, std::int64_t life = 300) {
    return provider_key().token("ES256", R"({"alg":"ES256","kid":"one","typ":"at+jwt"})",
                                R"({"iss":")" + provider.issuer() + R"(","aud":"vigie","sub":")" + subject +
                                    R"(","exp":)" + std::to_string(kNow + life) + "}");
  }

  MovableClock clock_;
  std::vector<Verifier::Issuer> issuers_;
  std::optional<Authenticator> authenticator_;
};

}  // namespace vigie::identity
