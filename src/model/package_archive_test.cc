#include "model/package_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace vigie::model {
namespace {

using testing::HasSubstr;

struct Member {
  std::string name;
  std::string bytes = "x";
  std::function<void(archive_entry*)> change = [](archive_entry*) {};
};

// An archive as an attacker would make it: pack() itself writes none of these.
std::string make(const std::vector<Member>& members) {
  std::string out(1 << 20, '\0');
  std::size_t used = 0;
  archive* const handle = archive_write_new();
  archive_write_set_format_pax(handle);
  archive_write_add_filter_zstd(handle);
  archive_write_open_memory(handle, out.data(), out.size(), &used);
  for (const Member& member : members) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, member.name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
    member.change(entry);
    EXPECT_EQ(archive_write_header(handle, entry), ARCHIVE_OK);
    if (archive_entry_size(entry) > 0) archive_write_data(handle, member.bytes.data(), member.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(handle);
  archive_write_free(handle);
  out.resize(used);
  return out;
}

std::string refusal(std::string_view bytes) {
  const auto contents = unpack(bytes, "card.tar.zst");
  return contents ? "accepted" : contents.error().to_string();
}

TEST(PackageArchiveTest, UnpacksWhatItPacked) {
  const PackageContents contents = {{"PACKAGE", "{}"}, {"empty", ""}, {"model.json", std::string(100'000, 'm')}};
  const auto packed = pack(contents);
  ASSERT_TRUE(packed);
  const auto unpacked = unpack(*packed, "card.tar.zst");
  ASSERT_TRUE(unpacked) << unpacked.error().to_string();
  EXPECT_EQ(*unpacked, contents);
}

TEST(PackageArchiveTest, RefusesNamesThatLeadSomewhere) {
  for (const char* name : {"../model.json", "/etc/passwd", "a/b", "..", ".hidden", "a\\b", "a b"}) {
    EXPECT_THAT(refusal(make({{.name = name}})), HasSubstr("not named like a file of a package")) << name;
  }
  EXPECT_EQ(refusal(make({{.name = "model.json"}})), "accepted");
}

TEST(PackageArchiveTest, RefusesEverythingButPlainFiles) {
  const auto link = [](archive_entry* entry) {
    archive_entry_set_filetype(entry, AE_IFLNK);
    archive_entry_set_symlink(entry, "/etc/passwd");
    archive_entry_set_size(entry, 0);
  };
  const auto hard = [](archive_entry* entry) {
    archive_entry_set_hardlink(entry, "model.json");
    archive_entry_set_size(entry, 0);
  };
  const auto folder = [](archive_entry* entry) {
    archive_entry_set_filetype(entry, AE_IFDIR);
    archive_entry_set_size(entry, 0);
  };
  EXPECT_THAT(refusal(make({{"model.json", "", link}})), HasSubstr("model.json is not a plain file"));
  EXPECT_THAT(refusal(make({{"model.json"}, {"other", "", hard}})), HasSubstr("other is not a plain file"));
  EXPECT_THAT(refusal(make({{"sub", "", folder}})), HasSubstr("not"));
  EXPECT_THAT(refusal(make({{"model.json"}, {"model.json"}})), HasSubstr("model.json is there twice"));
  std::vector<Member> many;
  for (std::size_t i = 0; i <= kMaxPackageFiles; ++i) many.push_back({"file" + std::to_string(i)});
  EXPECT_THAT(refusal(make(many)), HasSubstr("too many members"));
}

TEST(PackageArchiveTest, RefusesEveryTruncation) {
  const std::string whole = *pack({{"PACKAGE", "{}"}, {"model.json", std::string(3000, 'm')}});
  ASSERT_EQ(refusal(whole), "accepted");
  std::size_t accepted = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = unpack(std::string_view(whole).substr(0, length), "card.tar.zst");
    // Cut inside the padding after the last member, the archive still holds every byte of its files.
    if (cut && cut->size() == 2) ++accepted;
    if (!cut || !cut->contains("model.json")) continue;
    EXPECT_EQ(cut->find("model.json")->second.size(), 3000u);
  }
  EXPECT_LT(accepted, 16u);
  EXPECT_THAT(refusal("not an archive at all, but long enough to look at"), HasSubstr("card.tar.zst: not"));
}

}  // namespace
}  // namespace vigie::model
