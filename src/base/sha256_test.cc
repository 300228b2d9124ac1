#include "base/sha256.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

namespace vigie {
namespace {

// NIST's example values for FIPS 180-4.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

RC_GTEST_PROP(Sha256, PiecesHashAsTheWhole, (const std::vector<std::string>& pieces)) {
  Sha256 hash;
  std::string whole;
  for (const auto& piece : pieces) {
    hash.update(piece);
    whole += piece;
  }
  RC_ASSERT(hash.finish_hex() == sha256_hex(whole));
}

TEST(Sha256, MovesWithWhatItHasSeen) {
  Sha256 hash;
  hash.update("a");
  Sha256 moved(std::move(hash));
  moved.update("bc");
  EXPECT_EQ(moved.finish_hex(), sha256_hex("abc"));
}

}  // namespace
}  // namespace vigie
