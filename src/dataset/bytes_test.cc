#include "dataset/bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "base/file.h"
#include "base/random.h"

namespace vigie::dataset {
namespace {

using testing::HasSubstr;

class Bytes : public testing::Test {
 protected:
  Bytes() : folder_(std::filesystem::temp_directory_path() / ("vigie_bytes_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~Bytes() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  static std::string sample(std::size_t size) {
    Random random(11);
    std::string text;
    while (text.size() < size) text += std::to_string(random.normal()) + (random.below(9) == 0 ? "\n" : ",");
    return text;
  }

  std::filesystem::path folder_;
};

Status write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  auto sink = VIGIE_TRY(ByteSink::create(path));
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 10'007))) {
    VIGIE_TRY(sink.write(bytes.substr(0, 10'007)));
  }
  return sink.commit();
}

Result<std::string> read_bytes(const std::filesystem::path& path, Access access = Access::kStreamed) {
  auto source = VIGIE_TRY(open_bytes(path, access));
  if (const auto whole = source->whole()) return std::string(*whole);
  std::string all;
  std::string piece(3001, '\0');
  for (;;) {
    const std::size_t got = VIGIE_TRY(source->read(piece));
    if (got == 0) return all;
    all.append(piece, 0, got);
  }
}

TEST_F(Bytes, ComeBackAsTheyWereInEveryForm) {
  for (const std::string& text : {std::string(), std::string("a,b\n1,2\n"), sample(300'000)}) {
    for (const char* name : {"x.csv", "x.csv.gz", "x.csv.xz", "x.csv.zst"}) {
      ASSERT_TRUE(write_bytes(path(name), text)) << name;
      if (text.empty() && (path(name).extension() == ".xz" || path(name).extension() == ".zst")) {
        EXPECT_THAT(read_bytes(path(name)).error().to_string(), HasSubstr("holds nothing"));
        continue;
      }
      const auto back = read_bytes(path(name));
      ASSERT_TRUE(back) << name << ": " << back.error().to_string();
      EXPECT_EQ(*back, text) << name;
      EXPECT_EQ(read_bytes(path(name), Access::kMapped).value_or("failed"), text) << name;
    }
  }
  EXPECT_LT(std::filesystem::file_size(path("x.csv.xz")), 300'000u);
}

TEST_F(Bytes, AreToldByWhatTheyAreNotByTheirName) {
  ASSERT_TRUE(write_bytes(path("a.gz"), "hello"));
  std::filesystem::rename(path("a.gz"), path("a.csv"));
  EXPECT_EQ(read_bytes(path("a.csv")).value_or("failed"), "hello");
  ASSERT_TRUE(write_file(path("b.gz"), "plain"));
  EXPECT_EQ(read_bytes(path("b.gz")).value_or("failed"), "plain");
}

TEST_F(Bytes, AreTheSameEachTimeTheyAreCompressed) {
  for (const char* suffix : {".gz", ".xz", ".zst"}) {
    ASSERT_TRUE(write_bytes(path(std::string("a") + suffix), sample(5000)));
    ASSERT_TRUE(write_bytes(path(std::string("b") + suffix), sample(5000)));
    EXPECT_EQ(*read_file(path(std::string("a") + suffix)), *read_file(path(std::string("b") + suffix)));
  }
}

TEST_F(Bytes, OfSeveralGzipMembersAreJoined) {
  ASSERT_TRUE(write_bytes(path("a.gz"), "one,"));
  ASSERT_TRUE(write_bytes(path("b.gz"), "two"));
  ASSERT_TRUE(write_file(path("c.gz"), *read_file(path("a.gz")) + *read_file(path("b.gz"))));
  EXPECT_EQ(read_bytes(path("c.gz")).value_or("failed"), "one,two");
}

// Every cut is an error but those that leave no magic number: then the rest is taken for plain bytes.
TEST_F(Bytes, ThatWereCutShortAreAnError) {
  for (const char* suffix : {".gz", ".xz", ".zst"}) {
    const auto whole = path(std::string("w") + suffix);
    ASSERT_TRUE(write_bytes(whole, sample(60'000)));
    const std::string packed = *read_file(whole);
    const auto cut = path(std::string("cut") + suffix);
    for (std::size_t size = 6; size < packed.size(); size += size < 64 || size + 64 > packed.size() ? 1 : 997) {
      ASSERT_TRUE(write_file(cut, packed.substr(0, size)));
      const auto got = read_bytes(cut);
      ASSERT_FALSE(got) << suffix << " cut to " << size << " of " << packed.size();
      EXPECT_EQ(got.error().code, Code::kInvalidData);
      EXPECT_EQ(got.error().place.file, cut.native());
      EXPECT_THAT(got.error().to_string(), HasSubstr("fetch or make the file again"));
    }
  }
}

// zstd is not here: whether its frames have a checksum is up to who wrote them, and libarchive's have none.
TEST_F(Bytes, ThatWereDamagedAreAnError) {
  for (const char* suffix : {".gz", ".xz"}) {
    const auto file = path(std::string("w") + suffix);
    const std::string text = sample(60'000);
    ASSERT_TRUE(write_bytes(file, text));
    const std::string packed = *read_file(file);
    for (std::size_t at = packed.size() / 2; at < packed.size(); at += packed.size() / 40) {
      std::string damaged = packed;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
      ASSERT_TRUE(write_file(file, damaged));
      const auto got = read_bytes(file);
      EXPECT_TRUE(got.value_or(text) == text) << suffix << " damaged at " << at << " was read as something else";
    }
  }
}

TEST_F(Bytes, ThatCannotBeOpenedSayWhy) {
  EXPECT_THAT(read_bytes(path("nothing")).error().to_string(),
              HasSubstr("cannot open: No such file or directory; check"));
  EXPECT_THAT(read_bytes(folder_).error().to_string(), HasSubstr("Is a directory; give a file, not a folder"));
  EXPECT_EQ(read_bytes(path("nothing")).error().code, Code::kNotFound);
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ASSERT_TRUE(write_file(path("secret"), "x"));
  std::filesystem::permissions(path("secret"), std::filesystem::perms::none);
  EXPECT_EQ(read_bytes(path("secret")).error().code, Code::kPermissionDenied);
}

TEST_F(Bytes, LeaveNothingWhereTheDiskIsFull) {
  const auto full = write_bytes("/dev/full", sample(600'000));
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().to_string(), HasSubstr("No space left on device; free some space or write elsewhere"));
  // A limit on the size of files stands for a disk that fills up half-way.
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit small = old_limit;
  small.rlim_cur = 50'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::vector<Status> outcomes;
  for (const char* name : {"big.csv", "big.csv.gz", "big.csv.xz", "big.csv.zst"}) {
    outcomes.push_back(write_bytes(path(name), sample(900'000)));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, old_handler);
  for (const auto& outcome : outcomes) {
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().to_string(), HasSubstr("cannot write: File too large"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Bytes, NeverAppearBeforeCommit) {
  {
    auto sink = ByteSink::create(path("x.csv.zst"));
    ASSERT_TRUE(sink);
    ASSERT_TRUE(sink->write("abc"));
    EXPECT_FALSE(std::filesystem::exists(path("x.csv.zst")));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace vigie::dataset
