#include "base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/random.h"

namespace vigie {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = fs::temp_directory_path() / "vigie-file-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FileTest() override { fs::remove_all(folder_); }

  fs::path at(const char* name) const { return folder_ / name; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename());
    return names;
  }
  static void put(const fs::path& path, std::string_view bytes) { std::ofstream(path, std::ios::binary) << bytes; }
  static std::string get(const fs::path& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }

 private:
  fs::path folder_;
};

// While it lives, a file cannot grow beyond `bytes`: the write fails as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &saved_);
    const rlimit limit{bytes, saved_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &saved_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit saved_{};
  void (*handler_)(int);
};

TEST_F(FileTest, ReadAndMapGiveTheBytes) {
  std::string bytes(3'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31);
  put(at("data"), bytes);
  EXPECT_EQ(read_file(at("data")).value(), bytes);
  EXPECT_EQ(MappedFile::open(at("data")).value().bytes(), bytes);
}

TEST_F(FileTest, EmptyFile) {
  put(at("empty"), "");
  EXPECT_EQ(read_file(at("empty")).value(), "");
  EXPECT_EQ(MappedFile::open(at("empty")).value().bytes(), "");
}

TEST_F(FileTest, MapSurvivesMovesAndUnlink) {
  put(at("a"), "first");
  put(at("b"), "second");
  auto a = MappedFile::open(at("a")).value();
  auto b = MappedFile::open(at("b")).value();
  MappedFile moved(std::move(a));
  moved = std::move(b);
  fs::remove(at("b"));
  EXPECT_EQ(moved.bytes(), "second");
}

TEST_F(FileTest, ReadErrorsSayWhatWhereAndWhatToDo) {
  const auto missing = read_file(at("nowhere"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
  EXPECT_EQ(missing.error().to_string(),
            at("nowhere").string() + ": cannot open: No such file or directory; check the path");

  for (const auto& error : {read_file(at("")).error(), MappedFile::open(at("")).error()}) {
    EXPECT_EQ(error.code, Code::kInvalidArgument);
    EXPECT_THAT(error.to_string(), HasSubstr("give a file, not a folder"));
  }
  EXPECT_THAT(read_file("/dev/zero").error().to_string(), HasSubstr("not a regular file"));
  put(at("file"), "x");
  EXPECT_THAT(read_file(at("file/below")).error().to_string(), HasSubstr("a part of the path is a file"));
}

TEST_F(FileTest, ReadKeepsItsLimit) {
  put(at("eleven"), "eleven byte");
  EXPECT_TRUE(read_file(at("eleven"), 11));
  const auto refused = read_file(at("eleven"), 10);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("11 bytes are more than the limit of 10"));
}

TEST_F(FileTest, UnreadableFileSaysSo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  put(at("secret"), "x");
  fs::permissions(at("secret"), fs::perms::none);
  EXPECT_EQ(read_file(at("secret")).error().code, Code::kPermissionDenied);
}

TEST_F(FileTest, OutputAppearsWholeAtCommit) {
  put(at("out"), "old");
  {
    auto file = OutputFile::create(at("out")).value();
    ASSERT_TRUE(file.write(std::string(1'000'000, 'n')));
    EXPECT_EQ(get(at("out")), "old") << "a reader sees the old file until commit";
    ASSERT_TRUE(file.commit());
  }
  EXPECT_EQ(get(at("out")), std::string(1'000'000, 'n'));
  EXPECT_THAT(names(), ElementsAre("out"));
}

TEST_F(FileTest, OnlyItsOwnerReadsWhatIsSecret) {
  const auto file = at("secret");
  const auto mode = [&] { return std::filesystem::status(file).permissions(); };
  using std::filesystem::perms;
  ASSERT_TRUE(write_file(file, "x"));
  EXPECT_NE(mode() & perms::owner_read, perms::none);
  ASSERT_TRUE(write_file(file, "y", Readers::kOwner)) << "over one that all may read";
  EXPECT_EQ(mode(), perms::owner_read | perms::owner_write);
}

TEST_F(FileTest, OutputWithoutCommitLeavesNothing) {
  {
    auto file = OutputFile::create(at("out")).value();
    ASSERT_TRUE(file.write(std::string(1'000'000, 'n')));
    EXPECT_FALSE(fs::exists(at("out")));
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileTest, FullDiskLeavesTheOldFileAndNothingElse) {
  put(at("out"), "old");
  Status written;
  {
    const FileSizeLimit limit(100'000);
    auto file = OutputFile::create(at("out")).value();
    for (int i = 0; i < 1000 && written; ++i) written = file.write(std::string(1000, 'n'));
    if (written) written = file.commit();
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kResourceExhausted);
  EXPECT_EQ(written.error().place.file, at("out")) << "the user's name, not the temporary's";
  EXPECT_FALSE(written.error().remedy.empty());
  EXPECT_EQ(get(at("out")), "old");
  EXPECT_THAT(names(), ElementsAre("out"));
}

TEST_F(FileTest, FullDiskAtCommitIsNoticed) {
  {
    const FileSizeLimit limit(10);
    auto file = OutputFile::create(at("out")).value();
    ASSERT_TRUE(file.write("more than ten bytes")) << "still in the buffer";
    EXPECT_FALSE(file.commit());
  }
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FileTest, DeviceThatIsFullIsAnError) {
  auto file = OutputFile::create("/dev/full").value();
  ASSERT_TRUE(file.write("x"));
  const auto committed = file.commit();
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().to_string(),
            "/dev/full: cannot write: No space left on device; free some space or write elsewhere");
}

TEST_F(FileTest, PipesAreWrittenAsTheyAre) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  std::string received;
  std::thread reader([&] { received = get(at("pipe")); });
  EXPECT_TRUE(write_file(at("pipe"), std::string(500'000, 'p')));
  reader.join();
  EXPECT_EQ(received, std::string(500'000, 'p'));
  EXPECT_TRUE(fs::is_fifo(at("pipe")));
}

TEST_F(FileTest, APipeThatNobodyWritesIsNoFileAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_file(at("pipe")).error().to_string(), HasSubstr("not a regular file"));
}

TEST_F(FileTest, OutputIntoAFolderOrNowhereIsRefused) {
  EXPECT_THAT(OutputFile::create(at("")).error().to_string(), HasSubstr("give a file, not a folder"));
  EXPECT_EQ(OutputFile::create(at("no/such/folder")).error().code, Code::kNotFound);
}

TEST_F(FileTest, TwoWritersOfOneFileDoNotMix) {
  auto first = OutputFile::create(at("out")).value();
  auto second = OutputFile::create(at("out")).value();
  ASSERT_TRUE(first.write("first"));
  ASSERT_TRUE(second.write("second, and longer"));
  ASSERT_TRUE(second.commit());
  ASSERT_TRUE(first.commit());
  EXPECT_EQ(get(at("out")), "first") << "the last to commit, whole";
  EXPECT_THAT(names(), ElementsAre("out"));
}

TEST_F(FileTest, MovedOutputIsOneOutput) {
  {
    auto file = OutputFile::create(at("out")).value();
    ASSERT_TRUE(file.write("ab"));
    OutputFile moved(std::move(file));
    ASSERT_TRUE(moved.write("cd"));
    ASSERT_TRUE(moved.commit());
  }
  EXPECT_EQ(get(at("out")), "abcd");
}

RC_GTEST_FIXTURE_PROP(FileTest, AnyPiecesMakeTheWhole, (std::uint64_t seed)) {
  Random random(seed);
  std::string whole;
  auto file = OutputFile::create(at("pieces")).value();
  for (auto left = random.below(8); left > 0; --left) {
    // Small, around the buffer's size where an off-by-one would sit, and beyond it.
    const std::uint64_t sizes[] = {random.below(100), 262'139 + random.below(10), random.below(600'000)};
    const std::string piece(sizes[random.below(3)], static_cast<char>(random.next()));
    RC_ASSERT(file.write(piece).has_value());
    whole += piece;
  }
  RC_ASSERT(file.commit().has_value());
  RC_ASSERT(get(at("pieces")) == whole);
}

TEST_F(FileTest, SyncOfAFolderThatIsNotThere) {
  EXPECT_TRUE(sync_folder(at("")));
  EXPECT_EQ(sync_folder(at("gone")).error().code, Code::kNotFound);
}

}  // namespace
}  // namespace vigie
