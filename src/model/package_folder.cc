#include "model/package_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/file.h"

namespace vigie::model {
namespace {

namespace fs = std::filesystem;

// The names in a folder, sorted.
Result<std::vector<std::string>> list(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().native());
    if (names.size() > kMaxPackageFiles) break;
  }
  if (error) return fail_errno("cannot read", folder.native(), error.value());
  std::sort(names.begin(), names.end());
  return names;
}

std::unexpected<Error> not_ours(const fs::path& path, std::string message) {
  return fail(Code::kFailedPrecondition, std::move(message), {.file = path.native()},
              "give a path that is free, an empty folder or a model package");
}

enum class Target { kAbsent, kEmpty, kPackage };

// What is at `folder` now; an error where it is something that must not be replaced. Damaged files do not matter, but
// every name must be one that a package has: a folder that also holds someone's notes is not ours to delete.
Result<Target> look_at(const fs::path& folder) {
  std::error_code error;
  const auto status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return Target::kAbsent;
  if (error) return fail_errno("cannot read", folder.native(), error.value());
  if (status.type() != fs::file_type::directory) return not_ours(folder, "there is a file that is no model package");
  const auto names = VIGIE_TRY(list(folder));
  if (names.empty()) return Target::kEmpty;
  if (!std::binary_search(names.begin(), names.end(), kMarker)) {
    return not_ours(folder, "the folder is not empty and no model package");
  }
  const auto marker = parse_marker(VIGIE_TRY(read_file(folder / kMarker, kMaxPackageFile)));
  if (!marker) return not_ours(folder, "its PACKAGE cannot be read (" + marker.error().message + ")");
  for (const std::string& name : names) {
    const bool listed = name == kMarker || std::any_of(marker->files.begin(), marker->files.end(),
                                                       [&](const auto& file) { return file.name == name; });
    if (!listed) return not_ours(folder / name, "the package's folder also holds this");
  }
  return Target::kPackage;
}

// Folders that were made here and, without keep(), go again.
class MadeFolders {
 public:
  MadeFolders() = default;
  MadeFolders(const MadeFolders&) = delete;
  MadeFolders& operator=(const MadeFolders&) = delete;
  ~MadeFolders() {
    std::error_code ignored;
    for (auto it = made_.rbegin(); it != made_.rend(); ++it) fs::remove(*it, ignored);  // only where empty
  }

  Status make_all(const fs::path& folder) {
    std::error_code error;
    if (fs::is_directory(folder, error)) return {};
    if (folder.has_parent_path() && folder.parent_path() != folder) VIGIE_TRY(make_all(folder.parent_path()));
    if (::mkdir(folder.c_str(), 0777) != 0) {
      if (errno == EEXIST && fs::is_directory(folder, error)) return {};
      return fail_errno("cannot make the folder", folder.native(), errno);
    }
    made_.push_back(folder);
    return {};
  }
  void keep() { made_.clear(); }

 private:
  std::vector<fs::path> made_;
};

// A folder with a name of its own beside the target, deleted with all that it holds unless released.
class Staging {
 public:
  static Result<Staging> create(const fs::path& target) {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      fs::path path = target.parent_path() / ("." + target.filename().native() + ".part" + std::to_string(::getpid()) +
                                              "-" + std::to_string(attempt));
      if (::mkdir(path.c_str(), 0777) == 0) return Staging(std::move(path));
      if (errno != EEXIST) return fail_errno("cannot write", target.native(), errno);
    }
    return fail_errno("cannot write", target.native(), EEXIST);
  }
  Staging(Staging&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Staging& operator=(Staging&&) = delete;
  ~Staging() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  explicit Staging(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// Takes the place of nothing or of an empty folder; anything else in the way makes it fail.
Status rename_folder(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  return fail_errno("cannot write", to.native(), errno);
}

// Puts the staged folder where a package is. Afterwards `staging` holds the old one.
Status exchange(const fs::path& target, Staging& staging) {
  if (::renameat2(AT_FDCWD, staging.path().c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return fail_errno("cannot write", target.native(), errno);
  // Some network file systems cannot exchange: for a moment there is no package, never half a one.
  auto aside = VIGIE_TRY(Staging::create(target));
  VIGIE_TRY(rename_folder(target, aside.path()));
  if (auto moved = rename_folder(staging.path(), target); !moved) {
    // Back again; should even that fail, the old package stays where it is rather than go.
    const auto restored = rename_folder(aside.path(), target);
    aside.release();
    return restored ? moved : restored;
  }
  staging.release();
  return {};
}

}  // namespace

Result<PackageContents> read_folder(const fs::path& folder) {
  PackageContents contents;
  const auto names = VIGIE_TRY(list(folder));
  if (names.size() > kMaxPackageFiles) {
    return fail(Code::kInvalidData, "too many files for a model package", {.file = folder.native()},
                "give a folder that `vigie train` wrote");
  }
  for (const std::string& name : names) {
    std::error_code error;
    if (fs::symlink_status(folder / name, error).type() != fs::file_type::regular) {
      return fail(Code::kInvalidData, "not a plain file", {.file = (folder / name).native()}, "move it elsewhere");
    }
    contents.emplace(name, VIGIE_TRY(read_file(folder / name, kMaxPackageFile)));
  }
  return contents;
}

Status publish_folder(const fs::path& folder, const PackageContents& contents) {
  std::error_code error;
  fs::path target = fs::absolute(folder, error).lexically_normal();
  if (!target.has_filename()) target = target.parent_path();                  // a trailing slash
  if (const auto real = fs::canonical(target, error); !error) target = real;  // a link to a package stays a link
  const Target found = VIGIE_TRY(look_at(target));

  MadeFolders parents;
  VIGIE_TRY(parents.make_all(target.parent_path()));
  auto staging = VIGIE_TRY(Staging::create(target));
  for (const auto& [name, bytes] : contents) {
    if (name != kMarker) VIGIE_TRY(write_file(staging.path() / name, bytes));
  }
  VIGIE_TRY(write_file(staging.path() / kMarker, contents.find(kMarker)->second));
  VIGIE_TRY(sync_folder(staging.path()));

  if (found == Target::kPackage) {
    VIGIE_TRY(exchange(target, staging));
  } else {
    VIGIE_TRY(rename_folder(staging.path(), target));
    staging.release();
  }
  parents.keep();
  return sync_folder(target.parent_path());
}

}  // namespace vigie::model
