// The product's answers in each coding, read by the codings' own libraries.
#include <gmock/gmock.h>

#include "api/api_fixture.h"
#include "base/random.h"
#include "decision/card_row_text.h"
#include "http/test_decoding.h"

namespace vigie::api {
namespace {

using decision::cells;
using decision::header;
using decision::random_row;

std::string accepts(const std::string& coding) { return "Accept-Encoding: " + coding + "\r\n"; }

class CodedAnswers : public ApiTest {
 protected:
  static std::string read(const http::RawReply& reply, const std::string& coding) {
    EXPECT_EQ(reply.field("Content-Encoding"), coding);
    const auto text = http::decoded(reply.body, coding);
    EXPECT_TRUE(text && text->whole) << coding;
    return text ? text->text : "";
  }
};

TEST_F(CodedAnswers, DocumentsAreTheSameAndHaveATagForEachForm) {
  for (const std::string path : {"/openapi.json", "/features"}) {
    const auto plain = get(path);
    EXPECT_THAT(plain.field("Vary"), testing::HasSubstr("Accept-Encoding"));
    EXPECT_EQ(plain.field("Content-Encoding"), "");
    for (const std::string coding : {"gzip", "br", "zstd"}) {
      const auto packed = get(path, accepts(coding));
      EXPECT_EQ(read(packed, coding), plain.body) << path;
      EXPECT_LT(packed.body.size(), plain.body.size() / 2) << path << " " << coding;
      EXPECT_NE(packed.field("ETag"), plain.field("ETag"));
      const std::string known = "If-None-Match: " + packed.field("ETag") + "\r\n";
      EXPECT_EQ(get(path, accepts(coding) + known).status, 304) << path;
      EXPECT_EQ(get(path, known).status, 200) << path << ": another form is another representation";
    }
  }
}

TEST_F(CodedAnswers, ABatchIsTheSameInEachForm) {
  Random random(9);
  std::string csv = header() + "\n";
  for (int i = 0; i < 300; ++i) csv += cells(random_row(random)) + "a\n";
  std::string large = csv;
  while (large.size() < (3 << 20)) large += cells(random_row(random)) + "a\n";
  for (const std::string& body : {csv, large}) {
    const auto plain = post("/predict-batch", body, {}, "text/csv");
    ASSERT_EQ(plain.status, 200);
    for (const std::string coding : {"gzip", "br", "zstd"}) {
      const auto packed = post("/predict-batch", body, accepts(coding), "text/csv");
      EXPECT_TRUE(read(packed, coding) == plain.body) << coding << " " << body.size();
      EXPECT_LT(packed.body.size(), plain.body.size()) << coding;
    }
  }
  const auto refused =
      post("/predict-batch?on_error=fail", header() + "\n" + std::string(200, 'x') + "\n", accepts("gzip"), "text/csv");
  EXPECT_EQ(refused.status, 422);
}

TEST_F(CodedAnswers, WhatRepeatsOneTransactionIsNeverCompressed) {
  const auto explained = post("/predict?explain=true", transaction(1), accepts("gzip, br, zstd"));
  EXPECT_EQ(explained.status, 200);
  EXPECT_GT(explained.body.size(), 500u);
  EXPECT_EQ(explained.field("Content-Encoding"), "");
  const auto refused = post("/predict", "{}", accepts("gzip, br, zstd"));
  EXPECT_EQ(refused.status, 422);
  EXPECT_GT(refused.body.size(), 1400u);
  EXPECT_EQ(refused.field("Content-Encoding"), "");
}

}  // namespace
}  // namespace vigie::api
