#include "http/media_range.h"

#include <gtest/gtest.h>

namespace vigie::http {
namespace {

TEST(AcceptQuality, TakesTheMostSpecificRange) {
  EXPECT_EQ(accept_quality("", "text/plain"), 1);
  EXPECT_EQ(accept_quality("*/*", "text/plain"), 1);
  EXPECT_EQ(accept_quality("text/*;q=0.3, */*;q=0.9", "text/plain"), 0.3);
  EXPECT_EQ(accept_quality("*/*;q=0.9, TEXT/Plain ; q=0.2", "text/plain"), 0.2);
  EXPECT_EQ(accept_quality("text/html", "text/plain"), 0);
  EXPECT_EQ(accept_quality("text/plain;q=0, */*", "text/plain"), 0);
  EXPECT_EQ(accept_quality("text/plain;q=x", "text/plain"), 0);
  EXPECT_EQ(accept_quality("text/plain;q=7", "text/plain"), 1);
  EXPECT_EQ(accept_quality(",,;;=, text/plain", "text/plain"), 1);
}

TEST(AcceptQuality, AnotherVersionIsAnotherType) {
  EXPECT_EQ(accept_quality("text/plain;version=0.0.4;q=0.2", "text/plain", "0.0.4"), 0.2);
  EXPECT_EQ(accept_quality("text/plain;version=1.0.0", "text/plain", "0.0.4"), 0);
  EXPECT_EQ(accept_quality("text/plain;version=1.0.0, text/plain;q=0.4", "text/plain", "0.0.4"), 0.4);
}

TEST(CodingQuality, IsItsOwnOrThatOfAny) {
  EXPECT_EQ(coding_quality("gzip, br", "br"), 1);
  EXPECT_EQ(coding_quality("gzip;q=0.3, BR ; Q=0.8", "br"), 0.8);
  EXPECT_EQ(coding_quality("gzip;q=0.3, *;q=0.8", "gzip"), 0.3);
  EXPECT_EQ(coding_quality("gzip;q=0.3, *;q=0.8", "br"), 0.8);
  EXPECT_EQ(coding_quality("*, br;q=0", "br"), 0);
  EXPECT_EQ(coding_quality("gzip", "br"), 0);
  EXPECT_EQ(coding_quality("gzipped, xgzip", "gzip"), 0);
  EXPECT_EQ(coding_quality("gzip;q=", "gzip"), 0);
  EXPECT_EQ(coding_quality("gzip;q=-1", "gzip"), 0);
  EXPECT_EQ(coding_quality("gzip;q=9", "gzip"), 1);
  EXPECT_EQ(coding_quality(",;q=1,;;, gzip", "gzip"), 1);
  EXPECT_EQ(coding_quality("", "gzip"), 0);
  EXPECT_EQ(coding_quality("gzip", "identity"), 0);
}

}  // namespace
}  // namespace vigie::http
