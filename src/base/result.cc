#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace vigie {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return "invalid_argument";
    case Code::kInvalidData: return "invalid_data";
    case Code::kNotFound: return "not_found";
    case Code::kPermissionDenied: return "permission_denied";
    case Code::kFailedPrecondition: return "failed_precondition";
    case Code::kResourceExhausted: return "resource_exhausted";
    case Code::kUnsupported: return "unsupported";
    case Code::kUnavailable: return "unavailable";
    case Code::kInternal: return "internal";
  }
  return "internal";
}

std::string Error::to_string() const {
  std::string out;
  if (!place.file.empty()) {
    out += place.file;
    if (place.line > 0) out += ':' + std::to_string(place.line);
    if (place.line > 0 && place.column > 0) out += ':' + std::to_string(place.column);
    out += ": ";
  } else if (place.line > 0) {
    out += "line " + std::to_string(place.line);
    if (place.column > 0) out += ", column " + std::to_string(place.column);
    out += ": ";
  }
  if (!place.field.empty()) out += place.field + ": ";
  out += message;
  if (!remedy.empty()) out += "; " + remedy;
  return out;
}

std::unexpected<Error> fail_errno(std::string_view doing, std::string_view path, int error_number) {
  Code code = Code::kUnavailable;
  std::string remedy;
  switch (error_number) {
    case ENOENT:
      code = Code::kNotFound;
      remedy = "check the path";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      code = Code::kPermissionDenied;
      remedy = "check the owner and the mode of the file and its folder";
      break;
    case ENOSPC:
    case EDQUOT:
      code = Code::kResourceExhausted;
      remedy = "free some space or write elsewhere";
      break;
    case EFBIG:
      code = Code::kResourceExhausted;
      remedy = "raise the limit on file sizes (ulimit -f) or write elsewhere";
      break;
    case EISDIR:
      code = Code::kInvalidArgument;
      remedy = "give a file, not a folder";
      break;
    case ENOTDIR:
      code = Code::kInvalidArgument;
      remedy = "a part of the path is a file, not a folder";
      break;
    case EMFILE:
    case ENFILE:
      code = Code::kResourceExhausted;
      remedy = "raise the limit on open files (ulimit -n)";
      break;
    default: break;
  }
  char text[128];
  const char* reason = strerror_r(error_number, text, sizeof text);
  return fail(code, std::string(doing) + ": " + reason, {.file = std::string(path)}, std::move(remedy));
}

}  // namespace vigie
