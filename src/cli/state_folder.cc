#include "cli/state_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace vigie::cli {

Result<StateFolder> StateFolder::open(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("cannot create", path.native(), errno);
  const std::filesystem::path lock = path / "lock";
  const int descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail_errno("cannot write", lock.native(), errno);
  StateFolder folder(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return fail(Code::kFailedPrecondition, "another vigie serve uses this state folder", {.file = path.native()},
                "stop it, or give --state another folder");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 || ::write(descriptor, pid.data(), pid.size()) < 0) {
    return fail_errno("cannot write", lock.native(), errno);
  }
  return folder;
}

StateFolder::StateFolder(StateFolder&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

StateFolder::~StateFolder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace vigie::cli
