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
  void open(std::optional<RateLimit> subject = {}, bool locks_out = true) {
    throttle_.reset();
    auto opened = Throttle::open({.state = state_,
                                  .locks_out = locks_out,
                                  .lockout = {.failures = 3, .first = seconds(60)},
                                  .subject = subject,
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
  open(RateLimit{.requests = 1, .per = std::chrono::hours(1), .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(throttle_->take("ana")->allowed);
  const auto refused = throttle_->take("ana");
  EXPECT_FALSE(refused->allowed);
  EXPECT_GT(refused->retry_after, 3000u);
  EXPECT_TRUE(throttle_->take("bob")->allowed);
  EXPECT_EQ(throttle_->limited(), 1u);
}

TEST_F(ThrottleTest, DoesNothingWhereItIsToldTo) {
  open({}, false);
  fail(100);
  EXPECT_EQ(throttle_->locked_for("192.0.2.1"), 0u);
  EXPECT_FALSE(throttle_->take("ana"));
}

}  // namespace
}  // namespace vigie::identity
