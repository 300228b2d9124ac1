// Project Wycheproof's vectors for JSON Web Signatures and keys. They come with the shared data (VIGIE_SHARED_DATA),
// and are skipped where that is not there.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/file.h"
#include "identity/key_set.h"
#include "identity/token.h"

namespace vigie::identity {
namespace {

namespace json = boost::json;

std::filesystem::path vectors(const char* name) {
  const char* const folder = std::getenv("VIGIE_SHARED_DATA");
  return std::filesystem::path(folder != nullptr ? folder : "../shared/data") / "wycheproof" / name;
}

// Whether the token's signature is good under the keys, with the reason where it is not.
std::string judge(const std::string& keys, const std::string& text) {
  const auto set = KeySet::parse(keys);
  if (!set) return "keys";
  const auto token = parse_token(text);
  if (!token) return std::string(text_of(token.error()).name);
  const SigningKey* const key = set->find(token->key_id, token->algorithm);
  if (key == nullptr) return "unknown_key";
  if (!key->key.fits(token->algorithm) || (key->algorithm && *key->algorithm != token->algorithm)) return "wrong_key";
  return key->key.verify(token->algorithm, token->signed_part, token->signature) ? "good" : "signature";
}

// Sound, and yet not taken: by algorithm, by a key that is not published for signatures of a kind that we take, or
// because it is only sound for decoders that skip letters which are none.
bool outside_of_what_we_take(std::string_view why, std::string_view comment) {
  return why == "algorithm" || why == "unknown_key" || why == "wrong_key" ||
         (why == "form" && comment.starts_with("InvalidCharacterInserted"));
}

struct Counts {
  int good = 0;
  int refused = 0;
  int valid_but_not_taken = 0;
  bool operator==(const Counts&) const = default;
};

Counts run(const char* file) {
  Counts counts;
  const auto text = read_file(vectors(file));
  if (!text) {
    ADD_FAILURE() << text.error().to_string();
    return counts;
  }
  const json::value all = json::parse(*text);
  for (const json::value& group : all.at("testGroups").as_array()) {
    const json::object& given = group.as_object();
    const char* const name = given.contains("public") ? "public" : "private";
    const json::value& keys = given.at(name);
    const bool is_set = keys.as_object().contains("keys");
    const std::string set = is_set ? json::serialize(keys) : "{\"keys\": [" + json::serialize(keys) + "]}";
    for (const json::value& test : given.at("tests").as_array()) {
      if (!test.as_object().contains("jws")) continue;
      const json::value& token = test.at("jws");  // an object is the JSON serialization
      const std::string jws = token.is_string() ? std::string(token.get_string()) : json::serialize(token);
      const std::string why = judge(set, jws);
      const auto id = test.at("tcId").to_number<int>();
      if (test.at("result").as_string() != "valid") {
        EXPECT_NE(why, "good") << file << " " << id << " " << test.at("comment");
        ++counts.refused;
      } else if (why == "good") {
        ++counts.good;
      } else {
        EXPECT_TRUE(outside_of_what_we_take(why, test.at("comment").as_string()))
            << file << " " << id << " " << test.at("comment") << ": " << why;
        ++counts.valid_but_not_taken;
      }
    }
  }
  return counts;
}

class Wycheproof : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(vectors("json_web_signature_test.json"))) {
      GTEST_SKIP() << "no vectors beside the project: set VIGIE_SHARED_DATA";
    }
  }
};

// As many as the files hold: a file that is not read fails.
TEST_F(Wycheproof, Signatures) { EXPECT_EQ(run("json_web_signature_test.json"), (Counts{24, 355, 22})); }
TEST_F(Wycheproof, Keys) { EXPECT_EQ(run("json_web_key_test.json"), (Counts{1, 21, 4})); }
TEST_F(Wycheproof, SignaturesOfTheCryptographySuite) {
  EXPECT_EQ(run("json_web_crypto_test.json"), (Counts{2, 45, 2}));
}

}  // namespace
}  // namespace vigie::identity
