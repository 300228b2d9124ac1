// Score probing over a real socket: a caller who bisects an amount is noticed, one who sends other purchases is not.
#include "api/probing_watch.h"

#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "api/local_issuer_fixture.h"
#include "base/random.h"

namespace vigie::api {
namespace {

using identity::Role;
using testing::HasSubstr;

// Before the server that it is given to.
class Watched {
 protected:
  std::shared_ptr<ProbingWatch> watch_;
};

class ProbingWatchTest : public LocalIssuerFixture, public Watched, public ApiTest {
 protected:
  ProbingWatchTest() : ProbingWatchTest(false) {}
  explicit ProbingWatchTest(bool holds_back) : ApiTest(watched(holds_back)) {}

  Services watched(bool holds_back) {
    Services services = this->services();
    watch_ = *ProbingWatch::make({.near = 10, .holds_back = holds_back, .audit = services.audit});
    services.probing = watch_;
    return services;
  }
  int predict(const std::string& body) { return post("/predict", body, bearer_).status; }
  // Purchases that have nothing to do with each other.
  std::string other_purchase() {
    std::string body = R"({"Time": 10, "Amount": )" + format_double(random_.uniform() * 100);
    for (int i = 1; i <= 28; ++i) body += ", \"V" + std::to_string(i) + "\": " + format_double(random_.uniform() - 0.5);
    return body + "}";
  }

  Random random_{7};
  std::string bearer_ = "Authorization: Bearer " + issue(Role::kAnalyst).text + "\r\n";
};

TEST_F(ProbingWatchTest, OrdinaryPurchasesAndRetriesAreNoProbing) {
  for (int i = 0; i < 100; ++i) {
    const std::string body = other_purchase();
    for (int again = 0; again < 3; ++again) EXPECT_EQ(predict(body), 200);
  }
  EXPECT_EQ(watch_->found(), 0u);
}

TEST_F(ProbingWatchTest, WhoSearchesAlongOneFieldIsCountedAndTold) {
  for (int i = 0; i < 30; ++i) EXPECT_EQ(predict(transaction(-5 + 0.3 * i)), 200);
  EXPECT_EQ(watch_->found(), 20u) << "from the eleventh on";
  const auto events = audit_events(2);
  ASSERT_EQ(events.size(), 2u) << "once, not for each request";
  EXPECT_EQ(events[1].at("event.action"), "score-probing");
  EXPECT_EQ(events[1].at("event.reason"), "counted");
  EXPECT_EQ(events[1].at("user.id"), "ana");
  const auto metrics = get("/metrics", bearer_ + "Accept: text/plain\r\n");
  EXPECT_THAT(metrics.body, HasSubstr("vigie_score_probing_total 20\n"));
}

TEST_F(ProbingWatchTest, RowsOfABatchCountToo) {
  std::string rows;
  for (int i = 0; i < 30; ++i) rows += (i > 0 ? "," : "") + transaction(-5 + 0.3 * i);
  EXPECT_EQ(post("/predict-batch", "[" + rows + "]", bearer_).status, 200);
  EXPECT_EQ(watch_->found(), 20u);
}

TEST_F(ProbingWatchTest, RowsThatAreReadAgainCountOnce) {
  std::string rows;
  for (int i = 0; i < 30; ++i) rows += transaction(-5 + 0.3 * i) + ",";
  const auto reply = post("/predict-batch", "[" + rows + R"({"Time": -1}])", bearer_);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("error")) << "the bad row has the others read again, by the exact reader";
  EXPECT_EQ(watch_->found(), 20u);
}

class ProbingHeldBackTest : public ProbingWatchTest {
 protected:
  ProbingHeldBackTest() : ProbingWatchTest(true) {}
};

TEST_F(ProbingHeldBackTest, WhoProbesWaitsAndOthersDoNot) {
  for (int i = 0; i < 11; ++i) EXPECT_EQ(predict(transaction(-5 + 0.3 * i)), 200);
  const auto refused = post("/predict", transaction(3), bearer_);
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.body, HasSubstr("nearly the same transaction"));
  EXPECT_GT(std::stoi(refused.field("Retry-After")), 50);
  EXPECT_EQ(post("/predict-batch", "[" + transaction(3) + "]", bearer_).status, 429);
  EXPECT_EQ(get("/metrics", bearer_).status, 200) << "only what scores";
  const WallTime now = system_clock().now();
  auto keys = identity::LocalKeys::read(state());
  const auto bob = keys->issue({.subject = "bob", .role = Role::kAnalyst}, now);
  EXPECT_EQ(post("/predict", transaction(3), "Authorization: Bearer " + bob->text + "\r\n").status, 200);
}

TEST(ProbingWatch, ABusyServerLooksAtNoMoreThanItMay) {
  const auto watch = *ProbingWatch::make({.near = 1, .most_per_second = 5});
  const http::Caller ana{.subject = "ana"};
  const http::Request request{.caller = &ana};
  std::vector<double> row(schema::kCardRaw, 1.0);
  for (int i = 0; i < 1000; ++i) {
    row[1] = i;
    watch->observe(request, features::CardRaw(row));
  }
  EXPECT_GE(watch->found(), 4u);
  EXPECT_LE(watch->found(), 15u) << "five in each second that this took";
  EXPECT_EQ(watch->held_back(request), 0u) << "it holds nobody back";
}

}  // namespace
}  // namespace vigie::api
