#include "http/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace vigie::http {

Spool::~Spool() {
  if (file_ >= 0) ::close(file_);
}

Status Spool::open() {
  file_ = ::open(options_.folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ >= 0) return {};
  if (errno != EOPNOTSUPP && errno != EISDIR) return fail_errno("cannot make a file in", options_.folder, errno);
  // A file system without nameless files.
  std::string path = options_.folder + "/vigie-answer-XXXXXX";
  file_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (file_ < 0) return fail_errno("cannot make a file in", options_.folder, errno);
  ::unlink(path.c_str());
  return {};
}

Result<std::size_t> Spool::put(std::span<const char> bytes) {
  // What was taken still has its place in the file until all was.
  bytes = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), options_.limit - end_)));
  if (bytes.empty()) return 0;
  if (file_ < 0) VIGIE_TRY(open());
  std::size_t kept = 0;
  while (kept < bytes.size()) {
    const auto written = ::pwrite(file_, bytes.data() + kept, bytes.size() - kept, static_cast<off_t>(end_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno("cannot keep an answer in", options_.folder, errno);
    kept += static_cast<std::size_t>(written);
    end_ += static_cast<std::uint64_t>(written);
  }
  return kept;
}

Result<std::size_t> Spool::take(std::span<char> out) {
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size()));
  std::size_t got = 0;
  while (got < wanted) {
    const auto read = ::pread(file_, out.data() + got, wanted - got, static_cast<off_t>(begin_));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return fail_errno("cannot read an answer kept in", options_.folder, read < 0 ? errno : EIO);
    got += static_cast<std::size_t>(read);
    begin_ += static_cast<std::uint64_t>(read);
  }
  if (empty() && end_ > 0) {
    if (::ftruncate(file_, 0) != 0) return fail_errno("cannot empty a file in", options_.folder, errno);
    begin_ = end_ = 0;
  }
  return got;
}

}  // namespace vigie::http
