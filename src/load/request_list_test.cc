#include "load/request_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace vigie::load {
namespace {

using testing::HasSubstr;
using testing::Not;

Target local() {
  Target target;
  target.host = "127.0.0.1:8080";
  return target;
}

std::size_t count(const std::vector<Request>& requests, Route route) {
  return static_cast<std::size_t>(std::ranges::count(requests, route, &Request::route));
}

TEST(RequestList, SharesAreThoseOfTheMix) {
  LoadPlan plan;
  plan.mix = {{.route = Route::kPredict, .weight = 90, .path = {}}, {.route = Route::kScore, .weight = 10, .path = {}}};
  const auto requests = make_requests(local(), plan, {}, {}, 1);
  EXPECT_NEAR(static_cast<double>(count(requests, Route::kScore)) / static_cast<double>(requests.size()), 0.1, 0.001);
  EXPECT_GT(count({requests.begin(), requests.begin() + 100}, Route::kScore), 0u) << "spread, not one behind the other";
  std::set<std::string> bodies;
  for (const Request& request : requests) bodies.insert(request.bytes);
  EXPECT_GT(bodies.size(), requests.size() * 9 / 10);
}

TEST(RequestList, ARareRouteIsThereAsWell) {
  LoadPlan plan;
  plan.mix = {{.route = Route::kHealth, .weight = 1'000'000, .path = {}},
              {.route = Route::kScore, .weight = 1, .path = {}}};
  EXPECT_EQ(count(make_requests(local(), plan, {}, {}, 1), Route::kScore), 1u);
}

TEST(RequestList, RequestsAreWholeAndCarryTheToken) {
  LoadPlan plan;
  const RequestHeaders headers{.token = "abc.def", .fields = {"X-Tenant: north"}};
  ASSERT_TRUE(check(headers));
  const Request request = make_requests(local(), plan, headers, {}, 1).front();
  EXPECT_THAT(request.bytes, testing::StartsWith("POST /predict HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"));
  EXPECT_THAT(request.bytes, HasSubstr("\r\nAuthorization: Bearer abc.def\r\n"));
  EXPECT_THAT(request.bytes, HasSubstr("\r\nX-Tenant: north\r\n"));
  const std::size_t end = request.bytes.find("\r\n\r\n") + 4;
  EXPECT_THAT(request.bytes, HasSubstr("Content-Length: " + std::to_string(request.bytes.size() - end) + "\r\n"));
}

TEST(RequestList, RecordedBodiesComeInTheirOrderAndAllOfThem) {
  LoadPlan plan;
  Recorded recorded;
  recorded[0] = {{.json = "{\"n\":1}"}, {.json = "{\"n\":2}"}, {.json = "{\"n\":3}"}};
  const auto requests = make_requests(local(), plan, {}, recorded, 1);
  ASSERT_EQ(requests.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_THAT(requests[i].bytes, HasSubstr(recorded[0][i].json));
}

TEST(RequestList, PayloadsNeedARouteThatTakesThem) {
  const std::vector<Share> both = parse_mix("predict,score").value();
  EXPECT_THAT(read_recorded({"x.ndjson"}, both).error().to_string(), HasSubstr("ROUTE=FILE"));
  EXPECT_THAT(read_recorded({"fraude=x.ndjson"}, both).error().to_string(), HasSubstr("no route for these payloads"));
  EXPECT_THAT(read_recorded({"x.ndjson"}, parse_mix("health").value()).error().to_string(), HasSubstr("no route"));
  EXPECT_EQ(read_recorded({"score=/no/such/file"}, both).error().code, Code::kNotFound);
}

TEST(RequestList, SecretsAndBrokenHeadersAreRefused) {
  for (const char* bad : {"Authorization: Bearer x", "cookie: a=b", "Host: elsewhere", "content-length: 3",
                          "Transfer-Encoding: chunked", "no colon", ": empty", "A B: c", "A: b\r\nC: d"}) {
    const auto refused = check(RequestHeaders{.fields = {bad}});
    ASSERT_FALSE(refused) << bad;
    EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("Bearer x")));
  }
  const auto refused = check(RequestHeaders{.token = "top\nsecret"});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace vigie::load
