#include "api/media_range.h"

#include <gtest/gtest.h>

namespace vigie::api {
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

}  // namespace
}  // namespace vigie::api
