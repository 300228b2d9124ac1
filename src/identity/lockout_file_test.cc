#include "identity/lockout_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sha256.h"

namespace vigie::identity {
namespace {

using testing::HasSubstr;

WallTime time_at(std::int64_t microseconds) { return WallTime(std::chrono::microseconds(microseconds)); }

LockoutRecord record_of(const char* network, std::int64_t until, std::uint32_t lockouts,
                        std::vector<std::int64_t> failures) {
  LockoutRecord record{.network = http::parse_ip(network).value(), .until = time_at(until), .lockouts = lockouts};
  for (const std::int64_t failure : failures) record.failures.push_back(time_at(failure));
  return record;
}

// A file whose last line fits, as a hostile one's does.
std::string sealed(const std::string& text) { return text + "sha256 " + sha256_hex(text) + "\n"; }
std::string sealed_line(const std::string& line) { return sealed("vigie.lockouts 1\n" + line + "\n"); }

Error error_of(std::string_view text) {
  const auto parsed = parse_lockouts(text, "lockouts");
  EXPECT_FALSE(parsed) << text;
  return parsed ? Error{} : parsed.error();
}

const std::vector<LockoutRecord> kRecords{
    record_of("2001:db8:1:2::", 0, 0, {1'795'298'401'000'000, 1'795'298'402'500'000}),
    record_of("192.0.2.7", 1'795'298'523'000'000, 3, {}),
    record_of("198.51.100.1", 1'795'298'400'000'000, 1, {1'795'298'401'000'000}),
};

TEST(LockoutFileTest, HasTheFormThatIsTold) {
  const std::string text = write_lockouts(kRecords);
  EXPECT_EQ(text, sealed("vigie.lockouts 1\n"
                         "192.0.2.7 1795298523000000 3 -\n"
                         "198.51.100.1 1795298400000000 1 1795298401000000\n"
                         "2001:db8:1:2:: 0 0 1795298401000000,1795298402500000\n"));
  const auto parsed = parse_lockouts(text, "lockouts");
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  ASSERT_EQ(parsed->size(), 3U);
  EXPECT_EQ((*parsed)[0].network, kRecords[1].network);
  EXPECT_EQ((*parsed)[0].until, kRecords[1].until);
  EXPECT_EQ((*parsed)[0].lockouts, 3U);
  EXPECT_EQ((*parsed)[2].failures, kRecords[0].failures);
  EXPECT_EQ(write_lockouts(*parsed), text);
  EXPECT_TRUE(parse_lockouts(write_lockouts({}), "lockouts")->empty());
}

TEST(LockoutFileTest, IsRefusedWhereverItIsTorn) {
  const std::string text = write_lockouts(kRecords);
  for (std::size_t size = 0; size < text.size(); ++size) {
    ASSERT_EQ(error_of(text.substr(0, size)).code, Code::kInvalidData) << size;
  }
  EXPECT_THAT(error_of(text.substr(0, text.size() - 1)).to_string(), HasSubstr("torn"));
}

TEST(LockoutFileTest, IsRefusedWithAnyByteChanged) {
  const std::string text = write_lockouts(kRecords);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    ASSERT_FALSE(parse_lockouts(changed, "lockouts")) << at;
  }
  EXPECT_FALSE(parse_lockouts(text + "\n", "lockouts"));
  EXPECT_FALSE(parse_lockouts(text + text, "lockouts"));
}

TEST(LockoutFileTest, ANewerFormatIsNamed) {
  const Error error = error_of(sealed("vigie.lockouts 2\nwhatever\n"));
  EXPECT_EQ(error.code, Code::kUnsupported);
  EXPECT_THAT(error.to_string(), HasSubstr("lockouts:1: "));
}

TEST(LockoutFileTest, HostileLinesAreRefusedWithTheirNumber) {
  ASSERT_TRUE(parse_lockouts(sealed_line("192.0.2.7 5 1 -"), "lockouts"));
  for (const std::string line : {"",
                                 " ",
                                 "192.0.2.7",
                                 "192.0.2.7 5 1",
                                 "192.0.2.7 5 1 - ",
                                 "192.0.2.7 5 1 - -",
                                 " 192.0.2.7 5 1 -",
                                 "192.0.2.07 5 1 -",
                                 "::ffff:192.0.2.7 5 1 -",
                                 "2001:db8::1 5 1 -",
                                 "2001:DB8:: 5 1 -",
                                 "localhost 5 1 -",
                                 "192.0.2.7/32 5 1 -",
                                 "192.0.2.7 5 0 -",
                                 "192.0.2.7 0 1 -",
                                 "192.0.2.7 -5 1 -",
                                 "192.0.2.7 +5 1 -",
                                 "192.0.2.7 05 1 -",
                                 "192.0.2.7 5.0 1 -",
                                 "192.0.2.7 5e3 1 -",
                                 "192.0.2.7 253402300800000000 1 -",
                                 "192.0.2.7 99999999999999999999 1 -",
                                 "192.0.2.7 5 1001 -",
                                 "192.0.2.7 5 4294967297 -",
                                 "192.0.2.7 5 -1 -",
                                 "192.0.2.7 5 1 ",
                                 "192.0.2.7 5 1 ,",
                                 "192.0.2.7 5 1 6,",
                                 "192.0.2.7 5 1 ,6",
                                 "192.0.2.7 5 1 6,,7",
                                 "192.0.2.7 5 1 7,6",
                                 "192.0.2.7 5 1 6,-",
                                 "192.0.2.7 5 1 nan",
                                 "192.0.2.7 5 1 -\r",
                                 "192.0.2.7\t5 1 -",
                                 "sha256 0 0 -"}) {
    const Error error = error_of(sealed_line(line));
    EXPECT_EQ(error.code, Code::kInvalidData) << line;
    EXPECT_EQ(error.place.file, "lockouts");
    EXPECT_EQ(error.place.line, 2U) << line;
    EXPECT_FALSE(error.remedy.empty());
  }
  EXPECT_EQ(error_of(sealed_line(std::string("192.0.2.7\0 5 1 -", 16))).place.line, 2U);
  EXPECT_EQ(error_of(sealed_line("192.0.2.7 5 1 -\n192.0.2.7 5 1 -")).place.line, 3U) << "a network twice";
  EXPECT_EQ(error_of(sealed_line("192.0.2.7 5 1 -\n192.0.2.6 5 1 -")).place.line, 3U) << "out of order";
  std::string many = "192.0.2.7 0 0 6";
  for (std::size_t i = 1; i < kMostLockoutFailures; ++i) many += ",6";
  EXPECT_TRUE(parse_lockouts(sealed_line(many), "lockouts"));
  EXPECT_FALSE(parse_lockouts(sealed_line(many + ",6"), "lockouts"));
}

TEST(LockoutFileTest, MadeUpRecordsComeBack) {
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<LockoutRecord> records(random.below(20));
    for (LockoutRecord& record : records) {
      for (std::size_t i = 0; i < 8; ++i) record.network[i] = static_cast<unsigned char>(random.next());
      record.network[0] = 0x20;  // none of IPv4
      if (random.bernoulli(0.5)) {
        record.lockouts = 1 + static_cast<std::uint32_t>(random.below(kMostLockoutsInARow));
        record.until = time_at(1 + static_cast<std::int64_t>(random.below(253'402'300'799'999'999)));
      }
      std::int64_t failure = 0;
      for (std::uint64_t left = random.below(kMostLockoutFailures + 1); left > 0; --left) {
        record.failures.push_back(time_at(failure += static_cast<std::int64_t>(random.below(1'000'000'000'000))));
      }
    }
    const std::string text = write_lockouts(records);
    const auto parsed = parse_lockouts(text, "lockouts");
    ASSERT_TRUE(parsed) << parsed.error().to_string();
    EXPECT_EQ(parsed->size(), records.size());
    EXPECT_EQ(write_lockouts(*parsed), text);
  }
}

}  // namespace
}  // namespace vigie::identity
