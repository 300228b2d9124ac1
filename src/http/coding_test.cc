#include "http/coding.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "http/test_decoding.h"

namespace vigie::http {
namespace {

constexpr Coding kAll[] = {Coding::kGzip, Coding::kBrotli, Coding::kZstd};

std::string rows(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "row " + std::to_string(i) + ", score 0.25\n";
  return text;
}

std::string noise(std::size_t size) {
  Random random(3);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random.next());
  return text;
}

TEST(Coding, TheRealLibraryReadsWhatWasEncoded) {
  for (const Coding coding : kAll) {
    for (const int level : {kLeastLevel, 4, kMostLevel}) {
      for (const std::string& text : {std::string(), std::string("x"), rows(3), rows(100'000), noise(1'000'003)}) {
        const auto packed = encoded(text, coding, level);
        ASSERT_TRUE(packed);
        const auto read = decoded(*packed, to_string(coding));
        ASSERT_TRUE(read) << to_string(coding) << " " << level << " " << text.size();
        EXPECT_TRUE(read->text == text) << to_string(coding) << " " << level << " " << text.size();
        EXPECT_TRUE(read->whole);
      }
      EXPECT_LT(encoded(rows(10'000), coding, level)->size(), rows(10'000).size() / 4);
    }
  }
}

TEST(Coding, EverythingGivenIsReadableAfterAFlush) {
  for (const Coding coding : kAll) {
    auto encoder = make_encoder(coding, 4);
    ASSERT_TRUE(encoder);
    std::string out;
    std::string given;
    for (std::size_t i = 0; i < 300; ++i) {
      const std::string piece = i % 7 == 0 ? noise(i * 200) : rows(i);
      const auto then = i % 3 == 0 ? Encoder::Then::kFlush : Encoder::Then::kMore;
      given += piece;
      ASSERT_TRUE((*encoder)->encode(piece, then, out));
      if (i % 30 != 0) continue;
      const auto read = decoded(out, to_string(coding));
      ASSERT_TRUE(read) << to_string(coding) << " " << i;
      EXPECT_TRUE(read->text == given) << to_string(coding) << " " << i;
      EXPECT_FALSE(read->whole);
    }
    ASSERT_TRUE((*encoder)->encode({}, Encoder::Then::kFlush, out)) << "nothing new to flush";
    ASSERT_TRUE((*encoder)->encode({}, Encoder::Then::kEnd, out));
    const auto read = decoded(out, to_string(coding));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->text == given);
    EXPECT_TRUE(read->whole);
  }
}

}  // namespace
}  // namespace vigie::http
