// Whatever the bytes, append_json_string gives a JSON string that Boost.JSON reads; valid UTF-8 comes back unchanged.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t valid = vigie::utf8_valid_prefix(text);
  if (valid > size || !vigie::is_utf8(text.substr(0, valid))) __builtin_trap();
  std::string json;
  vigie::append_json_string(json, text);
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(json, error);
  if (error || !read.is_string()) __builtin_trap();
  if (valid == size && std::string_view(read.get_string()) != text) __builtin_trap();
  return 0;
}
