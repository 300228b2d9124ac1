#include "identity/introspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "http/test_routes.h"
#include "identity/scripted_server.h"

namespace vigie::identity {
namespace {

using namespace std::chrono_literals;
using http::soon;
using testing::HasSubstr;
using testing::Not;

struct MovableClock : Clock {
  WallTime now() const override { return WallTime{std::chrono::seconds{second.load()}}; }
  std::atomic<std::int64_t> second{1'000'000};
};

// An issuer that knows the tokens "good..." and answers all others as RFC 7662 wants, unless `answer` is set.
class IntrospectionTest : public testing::Test {
 protected:
  IntrospectionTest()
      : server_([this](ScriptedServer::Peer& peer) {
          const std::string request = peer.request();
          if (request.empty()) return;
          {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
          }
          ++asked_;
          if (drops_) return;
          if (hangs_) return peer.hang();
          while (held_) std::this_thread::sleep_for(1ms);
          const std::scoped_lock lock(mutex_);
          if (!answer_.empty()) {
            peer.send(answer_);
          } else if (request.find("\r\n\r\ntoken=good") != std::string::npos) {
            peer.send(scripted_answer("200 OK", R"({"active":true,"sub":"anna","exp":1000030})"));
          } else {
            peer.send(scripted_answer("200 OK", R"({"active":false})"));
          }
        }) {}

  // Every request is answered so from now on.
  void answer_all(std::string answer) {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(answer);
  }
  void open(IntrospectionOptions options, FetchOptions fetch = patient()) {
    options.client_id = "vigie";
    options.client_secret = "a:b c";
    fetcher_.emplace(std::move(fetch));
    options.on_failure = [this](const Error& error) {
      const std::scoped_lock lock(mutex_);
      told_.push_back(error.to_string());
    };
    introspection_.emplace(std::move(options), *fetcher_, clock_, KeyedHash({1, 2}));
  }
  Result<Introspected> ask(const std::string& token) { return introspection_->ask(server_.url("/introspect"), token); }
  bool is_active(const std::string& token) {
    const auto answer = ask(token);
    EXPECT_TRUE(answer) << answer.error().to_string();
    return answer && answer->active;
  }

  MovableClock clock_;
  std::atomic<int> asked_{0};
  std::atomic<bool> drops_{false};
  std::atomic<bool> hangs_{false};
  std::atomic<bool> held_{false};
  std::mutex mutex_;
  std::string answer_;
  std::vector<std::string> requests_;
  std::vector<std::string> told_;
  ScriptedServer server_;
  std::optional<Fetcher> fetcher_;
  std::optional<Introspection> introspection_;
};

TEST_F(IntrospectionTest, AnActiveTokenHasClaimsAndAnotherHasNone) {
  open({});
  const auto good = ask("good");
  ASSERT_TRUE(good) << good.error().to_string();
  EXPECT_TRUE(good->active);
  ASSERT_NE(good->claims, nullptr);
  EXPECT_EQ(good->claims->subject, "anna");
  EXPECT_EQ(good->claims->expires, WallTime{1'000'030s});
  const auto bad = ask("bad");
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->active);
  EXPECT_EQ(bad->claims, nullptr);
}

TEST_F(IntrospectionTest, TheTokenIsPostedWithTheClientsCredentials) {
  open({});
  ASSERT_TRUE(ask("a+b/c=&x=1"));
  ASSERT_EQ(requests_.size(), 1U);
  EXPECT_THAT(requests_[0], testing::StartsWith("POST /introspect HTTP/1.1\r\n"));
  EXPECT_THAT(requests_[0], testing::EndsWith("\r\n\r\ntoken=a%2Bb%2Fc%3D%26x%3D1&token_type_hint=access_token"));
  // vigie:a%3Ab%20c, as RFC 6749 wants it.
  EXPECT_THAT(requests_[0], HasSubstr("Authorization: Basic dmlnaWU6YSUzQWIlMjBj\r\n"));
}

TEST_F(IntrospectionTest, AnActiveAnswerIsRememberedUntilExpOrItsTimeAndAnInactiveOneForTenSeconds) {
  open({.active_for = 20s});
  EXPECT_TRUE(is_active("good"));
  clock_.second += 9;
  EXPECT_TRUE(is_active("good"));
  EXPECT_FALSE(is_active("bad"));
  EXPECT_EQ(asked_, 2);
  clock_.second += 9;
  EXPECT_TRUE(is_active("good"));
  EXPECT_FALSE(is_active("bad"));
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(introspection_->state().remembered, 3U);
  clock_.second += 2;
  EXPECT_TRUE(is_active("good")) << "20 s are over: asked again";
  EXPECT_FALSE(is_active("bad")) << "10 s are over: asked again";
  EXPECT_EQ(asked_, 4);
  clock_.second += 10;  // exp, before the next 20 s are over
  EXPECT_TRUE(is_active("good")) << "what the issuer says, though its exp has come: that is for claims";
  EXPECT_TRUE(is_active("good"));
  EXPECT_EQ(asked_, 6) << "and no longer remembered";
}

TEST_F(IntrospectionTest, ARevocationIsSeenWhenTheTimeIsOver) {
  open({.active_for = 5s});
  EXPECT_TRUE(is_active("good"));
  answer_all(scripted_answer("200 OK", R"({"active":false})"));
  EXPECT_TRUE(is_active("good"));
  clock_.second += 5;
  EXPECT_FALSE(is_active("good"));
}

TEST_F(IntrospectionTest, GarbagePushesOutNoGoodToken) {
  open({.active_entries = 2, .inactive_entries = 2});
  EXPECT_TRUE(is_active("good1"));
  EXPECT_TRUE(is_active("good2"));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(is_active("garbage" + std::to_string(i)));
  const int before = asked_;
  EXPECT_TRUE(is_active("good1"));
  EXPECT_TRUE(is_active("good2"));
  EXPECT_FALSE(is_active("garbage19"));
  EXPECT_EQ(asked_, before);
  EXPECT_FALSE(is_active("garbage0"));
  EXPECT_EQ(asked_, before + 1) << "of garbage only so much is remembered";
}

TEST_F(IntrospectionTest, RequestsWithOneTokenShareACall) {
  open({});
  held_ = true;
  std::atomic<int> begun{0};
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 12; ++i) {
    answers.push_back(std::async(std::launch::async, [&] {
      ++begun;
      return is_active("good");
    }));
  }
  ASSERT_TRUE(soon([&] { return begun == 12 && asked_ == 1; }));
  held_ = false;
  for (auto& answer : answers) EXPECT_TRUE(answer.get());
  EXPECT_EQ(asked_, 1);
}

TEST_F(IntrospectionTest, MoreCallsThanAllowedAreNotBegun) {
  open({.calls = 2});
  held_ = true;
  auto first = std::async(std::launch::async, [&] { return is_active("good1"); });
  auto second = std::async(std::launch::async, [&] { return is_active("good2"); });
  ASSERT_TRUE(soon([&] { return asked_ == 2; }));
  const auto third = ask("good3");
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::kResourceExhausted);
  held_ = false;
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
  EXPECT_TRUE(is_active("good3"));
}

TEST_F(IntrospectionTest, AnIssuerThatIsDownIsNoNo) {
  open({.active_for = 10s});
  EXPECT_TRUE(is_active("good"));
  const ScriptedServer nobody([](ScriptedServer::Peer&) {}, ScriptedServer::Begin::kLater);
  const std::string down = nobody.url("/introspect");
  const auto unknown = introspection_->ask(down, "other");
  ASSERT_FALSE(unknown) << "neither active nor inactive";
  EXPECT_EQ(unknown.error().code, Code::kUnavailable);
  EXPECT_THAT(unknown.error().to_string(), HasSubstr("nothing accepts connections there"));
  EXPECT_TRUE(introspection_->ask(down, "good")) << "what is remembered still counts";
  const auto state = introspection_->state();
  EXPECT_EQ(state.calls, 2U);
  EXPECT_EQ(state.failures, 1U);
  EXPECT_EQ(state.last_success, clock_.now());
  EXPECT_EQ(state.last_failure, clock_.now());
  EXPECT_EQ(state.failure, unknown.error().to_string());
}

TEST_F(IntrospectionTest, AfterACallThatDidNotGetThroughThereIsAPause) {
  open({.pause = 2s});
  drops_ = true;
  ASSERT_FALSE(ask("good"));
  drops_ = false;
  const auto at_once = ask("good");
  ASSERT_FALSE(at_once);
  EXPECT_EQ(at_once.error().code, Code::kUnavailable);
  EXPECT_EQ(asked_, 1) << "told without another call";
  clock_.second += 2;
  EXPECT_TRUE(is_active("good"));
}

TEST_F(IntrospectionTest, AfterThePauseOneAtATimeTriesAgain) {
  open({.pause = 2s});
  drops_ = true;
  ASSERT_FALSE(ask("good"));
  drops_ = false;
  held_ = true;
  clock_.second += 2;
  auto first = std::async(std::launch::async, [&] { return is_active("good"); });
  ASSERT_TRUE(soon([&] { return asked_ == 2; }));
  const auto meanwhile = ask("good2");
  ASSERT_FALSE(meanwhile);
  EXPECT_EQ(meanwhile.error().code, Code::kUnavailable);
  EXPECT_EQ(asked_, 2);
  held_ = false;
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(is_active("good2")) << "all of them, once one came through";
}

TEST_F(IntrospectionTest, AnAnswerThatIsTooLongStopsNobodyElse) {
  open({}, patient({.body_limit = 1000}));
  answer_all(scripted_answer("200 OK", std::string(2000, ' ')));
  ASSERT_FALSE(ask("good"));
  answer_all("");
  EXPECT_TRUE(is_active("good2")) << "no pause: the issuer is there";
}

TEST_F(IntrospectionTest, FailuresAreToldOnceAMinuteUnlessTheyAreNew) {
  open({});
  answer_all(scripted_answer("401 Unauthorized", ""));
  for (int i = 0; i < 5; ++i) ASSERT_FALSE(ask("good" + std::to_string(i)));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_THAT(told_[0], HasSubstr("refuses our client id and secret"));
  answer_all(scripted_answer("500 Internal Server Error", ""));
  ASSERT_FALSE(ask("good"));
  EXPECT_EQ(told_.size(), 2U);
  clock_.second += 60;
  ASSERT_FALSE(ask("good"));
  ASSERT_FALSE(ask("good"));
  EXPECT_EQ(told_.size(), 3U);
}

TEST_F(IntrospectionTest, AnAnswerThatIsNoneIsAnErrorAndStopsNobodyElse) {
  struct Case {
    std::string answer;
    Code code;
    const char* text;
  };
  open({});
  for (const Case& it :
       {Case{scripted_answer("401 Unauthorized", "hunter2"), Code::kFailedPrecondition,
             "refuses our client id and secret"},
        Case{scripted_answer("500 Internal Server Error", "hunter2"), Code::kUnavailable, "answers 500"},
        Case{scripted_answer("302 Found", "", "Location: /hunter2\r\n"), Code::kUnavailable, "answers 302"},
        Case{scripted_answer("200 OK", "hunter2"), Code::kInvalidData, "cannot be read: not JSON"},
        Case{scripted_answer("200 OK", "<html>hunter2</html>"), Code::kInvalidData, "cannot be read: not JSON"},
        Case{scripted_answer("200 OK", R"({"active":false,"active":true,"sub":"hunter2"})"), Code::kInvalidData,
             "a member stands twice"},
        Case{scripted_answer("200 OK", R"({"hunter2":1})"), Code::kInvalidData, "active: missing"}}) {
    answer_all(it.answer);
    const auto answer = ask("good-hunter2");
    ASSERT_FALSE(answer) << it.text;
    EXPECT_EQ(answer.error().code, it.code) << it.text;
    EXPECT_THAT(answer.error().to_string(), HasSubstr(it.text));
    EXPECT_THAT(answer.error().to_string(), HasSubstr(server_.url("")));
    EXPECT_THAT(answer.error().to_string(), Not(HasSubstr("hunter2")));
    answer_all("");
    EXPECT_TRUE(is_active("good-after-" + std::to_string(asked_)));
  }
}

TEST_F(IntrospectionTest, AStopEndsCallsThatHangAndThoseThatShareThem) {
  open({}, {.connect_timeout = 10min, .timeout = 10min});
  hangs_ = true;
  auto first = std::async(std::launch::async, [&] { return ask("good"); });
  auto second = std::async(std::launch::async, [&] { return ask("good"); });
  ASSERT_TRUE(soon([&] { return asked_ == 1; }));
  introspection_->stop();
  for (auto* const waiting : {&first, &second}) {
    ASSERT_EQ(waiting->wait_for(30s), std::future_status::ready);
    const auto answer = waiting->get();
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().to_string(), HasSubstr("stopped"));
  }
  EXPECT_FALSE(ask("good")) << "and later ones";
  EXPECT_EQ(introspection_->state().failures, 0U) << "to be stopped is not the issuer's failure";
}

TEST(IntrospectionAnswer, HostileAnswersAreRefusedWithTheMember) {
  struct Case {
    std::string text;
    const char* field;
  };
  for (const Case& it :
       {Case{"", ""}, Case{"[]", ""}, Case{"{\"active\":true", ""}, Case{R"({"active":true} {})", ""},
        Case{std::string(10'000, '{'), ""}, Case{R"({"active":true,"x":"\xff"})", ""},
        Case{R"({"active":true,"x":")" + std::string(70'000, 'x') + "\"}", ""}, Case{R"({"active":"true"})", "active"},
        Case{R"({"active":1})", "active"}, Case{R"({"active":null})", "active"}, Case{R"({"Active":true})", "active"},
        Case{R"({"active":true,"exp":"1000030"})", "exp"}, Case{R"({"active":true,"exp":null})", "exp"},
        Case{R"({"active":true,"exp":[1]})", "exp"}, Case{R"({"active":true,"exp":-1})", "exp"},
        Case{R"({"active":true,"exp":1e300})", "exp"}, Case{R"({"active":true,"nbf":"soon"})", "nbf"},
        Case{R"({"active":true,"sub":17})", "sub"}, Case{R"({"active":true,"aud":{"vigie":true}})", "aud"}}) {
    const auto answer = parse_introspection(it.text);
    ASSERT_FALSE(answer) << it.text.substr(0, 40);
    EXPECT_EQ(answer.error().code, Code::kInvalidData);
    EXPECT_EQ(answer.error().place.field, it.field) << it.text.substr(0, 40);
  }
}

TEST(IntrospectionAnswer, AMemberThatStandsTwiceIsRefusedAtEveryDepth) {
  for (const char* text :
       {R"({"active":false,"active":true})", R"({"active":true,"active":true})",
        R"({"active":true,"sub":"anna","sub":"bert"})", R"({"active":true,"sub":"a","s\u0075b":"b"})",
        R"({"active":true,"realm_access":{"roles":[],"roles":["admin"]}})", R"({"active":false,"x":1,"x":1})"}) {
    const auto answer = parse_introspection(text);
    ASSERT_FALSE(answer) << text;
    EXPECT_THAT(answer.error().message, HasSubstr("a member stands twice")) << text;
  }
}

TEST(IntrospectionAnswer, AnAnswerHasNoMoreMembersThanAToken) {
  const auto with_roles = [](int count) {
    std::string list = "\"r\"";
    for (int i = 1; i < count; ++i) list += ",\"r\"";
    return parse_introspection(R"({"active":true,"roles":[)" + list + "]}");
  };
  EXPECT_TRUE(with_roles(900));
  const auto many = with_roles(1100);
  ASSERT_FALSE(many);
  EXPECT_THAT(many.error().message, HasSubstr("too many members"));
}

TEST(IntrospectionAnswer, WhatAnInactiveOneSaysBesideIsNotLookedAt) {
  const auto answer = parse_introspection(R"({"active":false,"exp":"never","sub":null})");
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_FALSE(answer->active);
  EXPECT_EQ(answer->claims, nullptr);
}

}  // namespace
}  // namespace vigie::identity
