// Expected failures: every fallible function returns Result<T>; exceptions never cross a folder's border.
//
//   Result<Table> read(...) {
//     auto bytes = VIGIE_TRY(read_file(path));          // leaves with the error, or yields the value
//     if (bytes.empty()) return fail(Code::kInvalidArgument, "the file is empty", {.file = path}, "give a file with
//     rows");
//   }
//
// A message says what is wrong, `Place` where, `remedy` what to do about it. No secrets in any of them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace vigie {

enum class Code : std::uint8_t {
  kInvalidArgument,  // the caller's option or value is wrong
  kInvalidData,      // bytes from a file or a client do not have the form they should
  kNotFound,
  kPermissionDenied,
  kFailedPrecondition,  // right request, wrong state
  kResourceExhausted,   // a limit, a full disk
  kUnsupported,         // well formed, but not something that this version can do
  kUnavailable,         // somebody else did not answer: try again
  kInternal,            // our bug
};

std::string_view to_string(Code code);

// Where an error is. Lines and columns count from 1; 0 means not known.
struct Place {
  std::string file{};
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::string field{};
};

struct Error {
  Code code = Code::kInternal;
  std::string message;
  Place place{};
  std::string remedy{};

  // One line: "file:line:column: field: message; remedy".
  std::string to_string() const;
};

template <typename T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> fail(Code code, std::string message, Place place = {}, std::string remedy = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(place), std::move(remedy)});
}

// The failure of a system call, from errno: "cannot open: Permission denied", with a remedy that fits.
std::unexpected<Error> fail_errno(std::string_view doing, std::string_view path, int error_number);

namespace detail {
template <typename T>
decltype(auto) take(Result<T>& result) {
  if constexpr (std::is_void_v<T>) {
    return;
  } else {
    return std::move(*result);
  }
}
}  // namespace detail

}  // namespace vigie

// Yields the value of a Result, or returns its error from the enclosing function. The counter keeps nested uses apart.
#define VIGIE_TRY(expression) VIGIE_TRY_COUNTED(expression, __COUNTER__)
#define VIGIE_TRY_COUNTED(expression, number) VIGIE_TRY_PASTED(expression, number)
#define VIGIE_TRY_PASTED(expression, number)                                                          \
  __extension__({                                                                                     \
    auto vigie_result_##number = (expression);                                                        \
    if (!vigie_result_##number) return ::std::unexpected(::std::move(vigie_result_##number).error()); \
    ::vigie::detail::take(vigie_result_##number);                                                     \
  })
