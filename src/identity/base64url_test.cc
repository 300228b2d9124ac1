#include "identity/base64url.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace vigie::identity {
namespace {

TEST(Base64Url, WritesTheTestVectorsOfRfc4648WithoutPadding) {
  // Section 10, and the letters of section 5.
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg"},
                                    {"fo", "Zm8"},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg"},
                                    {"fooba", "Zm9vYmE"},
                                    {"foobar", "Zm9vYmFy"},
                                    {"\xfb\xff", "-_8"}}) {
    EXPECT_EQ(encode_base64url(bytes), text);
    EXPECT_EQ(decode_base64url(text), bytes);
  }
}

TEST(Base64Url, ReadsBackWhatItWrote) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string bytes(random.below(80), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    ASSERT_EQ(decode_base64url(encode_base64url(bytes)), bytes);
  }
}

TEST(Base64Url, TakesOneTextForEachValue) {
  for (const char* const text : {"Zg==", "Zg=", "Zh", "Zm9", "Z", "Zm9vY", "Zm 9v", "Zm9v\n", "Zm+v", "Zm/v", "Zm9v.",
                                 "\xc3\xa9\x61\x61", "Zm9\x80"}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64url(std::string_view("Zm\0v", 4)), std::nullopt);
}

}  // namespace
}  // namespace vigie::identity
