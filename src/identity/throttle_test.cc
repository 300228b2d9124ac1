#include "identity/throttle.h"

#include <gtest/gtest.h>

#include <fstream>

namespace vigie::identity {
namespace {

using std::chrono::seconds;

class SetClock : public Clock {
 public:
  WallTime now() const override { return time; }
  WallTime time{seconds(1'800'000'000)};
};

class ThrottleTest : public testing::Test {
 protected:
  ThrottleTest() {
    std::string pattern = testing::TempDir() + "vigie-throttle-XXXXXX";
    state_ = ::mkdtemp(pattern.data());
  }
  ~ThrottleTest() override {
    throttle_.reset();
    std::filesystem::remove_all(state_);
  }
  void open(const std::vector<const char*>& rules = {}, bool locks_out = true, const char* address = nullptr) {
    throttle_.reset();
    std::vector<RateRule> parsed;
    for (const char* const rule : rules) parsed.push_back(*parse_rate_rule(rule));
    auto opened =
        Throttle::open({.state = state_,
                        .locks_out = locks_out,
                        .lockout = {.failures = 3, .first = seconds(60)},
                        .address = address == nullptr ? std::nullopt : std::optional(*parse_rate_limit(address)),
                        .rules = parsed,
                        .clock = &clock_});
    ASSERT_TRUE(opened) << opened.error().to_string();
    throttle_ = *opened;
  }
  void fail(int times, const char* address = "192.0.2.1") {
    for (int i = 0; i < times; ++i) throttle_->failed(address);
  }

  std::filesystem::path state_;
  SetClock clock_;
  std::shared_ptr<Throttle> throttle_;
};

TEST_F(ThrottleTest, LocksOutWhoFailsAndNobodyElse) {
  open();
  fail(2);
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 0u);
  throttle_->succeeded("192.0.2.1");
  fail(2);
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 0u) << "a success forgave what was before it";
  fail(1);
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 60u);
  EXPECT_EQ(throttle_->locked_for("192.0.2.2"), 0u);
  EXPECT_EQ(throttle_->locked_for("not an address"), 0u);
  EXPECT_EQ(throttle_->lockouts().locked, 1u);
  clock_.time += seconds(60);
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 0u);
}

TEST_F(ThrottleTest, ARestartKeepsLockoutsEvenAfterACrash) {
  open();
  fail(3);
  const auto file = state_ / "identity" / "lockouts";
  ASSERT_TRUE(std::filesystem::exists(file)) << "written when it began, not only at the end";
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::others_read,
            std::filesystem::perms::none);
  clock_.time += seconds(20);
  open();
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 40u);
}

TEST_F(ThrottleTest, ABrokenFileStopsTheStart) {
  open();
  fail(3);
  throttle_.reset();
  std::ofstream(state_ / "identity" / "lockouts", std::ios::app) << "x";
  const auto opened = Throttle::open({.state = state_, .clock = &clock_});
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().to_string().find("lockouts"), std::string::npos);
}

TEST_F(ThrottleTest, LimitsEachSubjectForItself) {
  open({"* * 3/1h"});
  const std::size_t rule = throttle_->rule_for("predict", Role::kAnalyst);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(throttle_->take(rule, "https://id", "ana").allowed);
  const RateAnswer refused = throttle_->take(rule, "https://id", "ana");
  EXPECT_FALSE(refused.allowed);
  EXPECT_GT(refused.retry_after, 1000u);
  EXPECT_TRUE(throttle_->take(rule, "https://id", "bob").allowed);
  EXPECT_TRUE(throttle_->take(rule, "https://other", "ana").allowed) << "another issuer's ana is somebody else";
  EXPECT_EQ(throttle_->limited(), 1u);
}

TEST_F(ThrottleTest, TheFirstRuleThatFitsRouteAndRoleHolds) {
  open({"predict analyst 2/1h", "predict * 1/1h", "* viewer 1/1h"});
  EXPECT_EQ(throttle_->rule_for("predict", Role::kAnalyst), 0u);
  EXPECT_EQ(throttle_->rule_for("predict", Role::kAdmin), 1u);
  EXPECT_EQ(throttle_->rule_for("predict", Role::kViewer), 1u);
  EXPECT_EQ(throttle_->rule_for("metrics", Role::kViewer), 2u);
  EXPECT_EQ(throttle_->rule_for("metrics", Role::kAdmin), Throttle::kNoRule);
  EXPECT_TRUE(throttle_->take(1, "", "ana").allowed);
  EXPECT_FALSE(throttle_->take(1, "", "ana").allowed);
  EXPECT_TRUE(throttle_->take(0, "", "ana").allowed) << "each rule has buckets of its own";
}

TEST_F(ThrottleTest, LimitsEachNetwork) {
  open({}, true, "2/1h");
  EXPECT_TRUE(throttle_->take_address("192.0.2.1")->allowed);
  EXPECT_TRUE(throttle_->take_address("192.0.2.1")->allowed);
  EXPECT_FALSE(throttle_->take_address("192.0.2.1")->allowed);
  EXPECT_TRUE(throttle_->take_address("192.0.2.2")->allowed);
  EXPECT_TRUE(throttle_->take_address("2001:db8::1")->allowed);
  EXPECT_TRUE(throttle_->take_address("2001:db8::2")->allowed);
  EXPECT_FALSE(throttle_->take_address("2001:db8::3")->allowed) << "who holds a /64 has all of its addresses";
  EXPECT_FALSE(throttle_->take_address("no address"));
}

TEST_F(ThrottleTest, DoesNothingWhereItIsToldTo) {
  open({}, false);
  fail(100);
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 0u);
  EXPECT_EQ(throttle_->rule_for("predict", Role::kViewer), Throttle::kNoRule);
  EXPECT_FALSE(throttle_->take_address("192.0.2.1"));
}

}  // namespace
}  // namespace vigie::identity
