// The local issuer's keys, tokens and revocations, in files as `vigie token` and a server share them.
#include "identity/local_issuer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/file.h"

namespace vigie::identity {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

constexpr WallTime kNow(seconds(1'800'000'000));
constexpr const char* kIssuer = "http://localhost:8080";

class SetClock : public Clock {
 public:
  WallTime now() const override { return time_.load(); }
  void set(WallTime time) { time_ = time; }

 private:
  std::atomic<WallTime> time_{kNow};
};

class LocalIssuerTest : public testing::Test {
 protected:
  LocalIssuerTest() {
    std::string pattern = testing::TempDir() + "vigie-issuer-XXXXXX";
    state_ = ::mkdtemp(pattern.data());
  }
  ~LocalIssuerTest() override { std::filesystem::remove_all(state_); }

  LocalKeys keys() const {
    auto keys = LocalKeys::read_or_create(state_, kIssuer, kNow);
    if (!keys) throw std::runtime_error(keys.error().to_string());
    return std::move(*keys);
  }
  IssuedToken issue(const std::string& subject = "ana", WallTime when = kNow) const {
    auto token = keys().issue({.subject = subject, .role = Role::kAnalyst}, when);
    if (!token) throw std::runtime_error(token.error().to_string());
    return std::move(*token);
  }
  void open(std::chrono::milliseconds period = std::chrono::milliseconds(2)) {
    auto issuer = LocalIssuer::open(
        {.state = state_, .issuer = kIssuer, .period = period, .clock = &clock_, .on_failure = [this](const Error&) {
           ++failures_;
         }});
    ASSERT_TRUE(issuer) << issuer.error().to_string();
    issuer_ = *issuer;
    auto verifier = Verifier::make(
        {{.policy = {.issuer = issuer_->issuer(), .audiences = {"vigie"}}, .keys = issuer_, .revocations = issuer_}});
    ASSERT_TRUE(verifier);
    verifier_.emplace(std::move(*verifier));
  }
  std::string judge(const std::string& token, WallTime now = kNow) const {
    const auto identity = verifier_->verify(token, now);
    return identity ? "good" : std::string(text_of(identity.error()).name);
  }
  // Waits until the server side has taken notice of a change.
  void after(const std::function<void()>& change) const {
    const std::uint64_t before = issuer_->generation();
    change();
    for (int i = 0; i < 5000 && issuer_->generation() == before; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ASSERT_NE(issuer_->generation(), before);
  }

  std::filesystem::path state_;
  SetClock clock_;
  std::atomic<int> failures_ = 0;
  std::shared_ptr<LocalIssuer> issuer_;
  std::optional<Verifier> verifier_;
};

TEST_F(LocalIssuerTest, ItsTokensAreGoodUntilTheyExpire) {
  open();
  const IssuedToken token = issue();
  const auto identity = verifier_->verify(token.text, kNow);
  ASSERT_TRUE(identity) << text_of(identity.error()).description;
  EXPECT_EQ(identity->subject, "ana");
  EXPECT_EQ(identity->role, Role::kAnalyst);
  EXPECT_EQ(identity->issuer, kIssuer);
  EXPECT_EQ(identity->token_id, token.id);
  EXPECT_EQ(identity->expires, kNow + seconds(3600));
  EXPECT_EQ(judge(token.text, kNow + seconds(3700)), "expired");
  EXPECT_EQ(judge(token.text, kNow - seconds(60)), "not_yet_valid");
}

TEST_F(LocalIssuerTest, NoTwoTokensAreTheSame) { EXPECT_NE(issue().id, issue().id); }

TEST_F(LocalIssuerTest, TheKeyIsMadeOnceAndItsOwnersAlone) {
  const std::string first = keys().keys().front().id;
  EXPECT_EQ(keys().keys().front().id, first);
  const auto mode = [](const std::filesystem::path& path) {
    struct stat found{};
    ::stat(path.c_str(), &found);
    return found.st_mode & 0777;
  };
  EXPECT_EQ(mode(LocalKeys::file(state_)), 0600u);
  EXPECT_EQ(mode(LocalKeys::file(state_).parent_path()), 0700u);

  ::chmod(LocalKeys::file(state_).c_str(), 0640);
  const auto refused = LocalKeys::read(state_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("chmod 600"));
}

TEST_F(LocalIssuerTest, ManyWhoStartAtOnceGetOneKey) {
  std::vector<std::string> ids(8);
  {
    std::vector<std::jthread> threads;
    for (std::string& id : ids) threads.emplace_back([&] { id = keys().keys().front().id; });
  }
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
}

TEST_F(LocalIssuerTest, RefusesLivesAndSubjectsThatAreNone) {
  const auto field = [&](const TokenRequest& request) {
    const auto token = keys().issue(request, kNow);
    return token ? "" : token.error().place.field;
  };
  EXPECT_EQ(field({.subject = "a", .life = kLongestLife}), "");
  EXPECT_EQ(field({.subject = "a", .life = kLongestLife + seconds(1)}), "--ttl");
  EXPECT_EQ(field({.subject = "a", .life = seconds(0)}), "--ttl");
  EXPECT_EQ(field({.subject = "a", .life = seconds(-5)}), "--ttl");
  EXPECT_EQ(field({.subject = ""}), "--subject");
  EXPECT_EQ(field({.subject = std::string(201, 'a')}), "--subject");
  EXPECT_EQ(field({.subject = "\xff"}), "--subject");
}

TEST_F(LocalIssuerTest, ASubjectMayHoldAnything) {
  open();
  const auto identity = verifier_->verify(issue("a\"b\\c\n\xc3\xa9").text, kNow);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->subject, "a\"b\\c\n\xc3\xa9");
}

TEST_F(LocalIssuerTest, ARotationRefusesNoGoodToken) {
  open();
  const IssuedToken before = issue();
  after([&] { ASSERT_TRUE(LocalKeys::rotate(state_, seconds(3600), kNow)); });
  const IssuedToken later = issue();
  EXPECT_EQ(judge(before.text), "good");
  EXPECT_EQ(judge(later.text), "good");
  EXPECT_EQ(keys().keys().size(), 2u);
  // The key before runs out without anybody's doing.
  after([&] { clock_.set(kNow + seconds(3600)); });
  EXPECT_EQ(judge(before.text), "unknown_key");
  EXPECT_EQ(judge(later.text), "good");
  ASSERT_TRUE(LocalKeys::rotate(state_, seconds(60), kNow + seconds(7200)));
  EXPECT_EQ(keys().keys().size(), 2u) << "one that has run out is gone";
}

TEST_F(LocalIssuerTest, ANewKeysFirstTokenIsGoodAtOnce) {
  open(std::chrono::hours(1));
  ASSERT_TRUE(LocalKeys::rotate(state_, seconds(3600), kNow));
  EXPECT_EQ(judge(issue().text), "good") << "though the files are looked at once an hour";
}

TEST_F(LocalIssuerTest, ARotationWithoutOverlapEndsAllTokens) {
  open();
  const IssuedToken before = issue();
  after([&] { ASSERT_TRUE(LocalKeys::rotate(state_, seconds(0), kNow)); });
  EXPECT_EQ(judge(before.text), "unknown_key");
}

TEST_F(LocalIssuerTest, RevokesByIdBySubjectAndAll) {
  open();
  const IssuedToken first = issue("ana");
  const IssuedToken second = issue("ana");
  const IssuedToken other = issue("bob");
  after([&] { ASSERT_TRUE(Revocations::revoke_id(state_, first.id, kNow)); });
  EXPECT_EQ(judge(first.text), "revoked");
  EXPECT_EQ(judge(second.text), "good");
  after([&] { ASSERT_TRUE(Revocations::revoke_subject(state_, "ana", kNow)); });
  EXPECT_EQ(judge(second.text), "revoked");
  EXPECT_EQ(judge(other.text), "good");
  const WallTime later = kNow + seconds(2);
  EXPECT_EQ(judge(issue("ana", later).text, later), "good") << "issued afterwards";
  after([&] { ASSERT_TRUE(Revocations::revoke_all(state_, kNow)); });
  EXPECT_EQ(judge(other.text), "revoked");
  EXPECT_EQ(judge(issue("bob", later).text, later), "good");

  issuer_.reset();
  open();
  EXPECT_EQ(judge(first.text), "revoked") << "after a restart";
  EXPECT_EQ(judge(second.text), "revoked");
  EXPECT_EQ(judge(other.text), "revoked");
}

TEST_F(LocalIssuerTest, RevocationsGoWhenNoTokenCanBeLeft) {
  ASSERT_TRUE(Revocations::revoke_id(state_, "old", kNow));
  ASSERT_TRUE(Revocations::revoke_subject(state_, "old subject", kNow));
  ASSERT_TRUE(Revocations::revoke_id(state_, "new", kNow + kLongestLife + seconds(1)));
  const auto text = read_file(Revocations::file(state_));
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("new"));
  EXPECT_THAT(*text, Not(HasSubstr("old")));
}

TEST_F(LocalIssuerTest, BrokenFilesAreRefusedAtStartAndSurvivedLater) {
  open();
  const IssuedToken token = issue();
  const auto good = read_file(LocalKeys::file(state_));
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string(R"({"issuer": "x", "keys": []})"),
        good->substr(0, good->size() / 2),
        std::string(R"({"issuer": "x", "keys": [{"created": 1, "private": "-----BEGIN"}]})")}) {
    ASSERT_TRUE(write_file(LocalKeys::file(state_), text, Readers::kOwner));
    const auto refused = LocalKeys::read(state_);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().to_string(), HasSubstr("keys.json"));
    EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("BEGIN"))) << "it might be a key";
  }
  for (int i = 0; i < 2500 && failures_ == 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_GE(failures_, 1);
  EXPECT_EQ(judge(token.text), "good");
  after([&] { ASSERT_TRUE(write_file(LocalKeys::file(state_), *good, Readers::kOwner)); });
  EXPECT_EQ(judge(token.text), "good");

  ASSERT_TRUE(write_file(Revocations::file(state_), "{\"ids\": 1}", Readers::kOwner));
  EXPECT_FALSE(Revocations::read(state_));
  EXPECT_FALSE(Revocations::revoke_id(state_, "x", kNow)) << "it would lose what it cannot read";
}

}  // namespace
}  // namespace vigie::identity
