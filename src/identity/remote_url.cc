#include "identity/remote_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <string_view>

namespace vigie::identity {
namespace {

constexpr std::size_t kLongest = 2048;

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

// Empty where the URL has no such part.
std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, decltype(&curl_free)> owned(text, curl_free);
  return text;
}

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;  // libcurl never asks the DNS for this name
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  if (host.size() < 2 || host.front() != '[') return false;
  in6_addr six{};
  return ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1 &&
         std::memcmp(&six, &in6addr_loopback, sizeof six) == 0;
}

std::unexpected<Error> refuse(std::string message, std::string remedy) {
  return fail(Code::kInvalidArgument, std::move(message), {}, std::move(remedy));
}

}  // namespace

Result<RemoteUrl> parse_remote_url(const std::string& text, bool plain_http) {
  if (text.size() > kLongest) return refuse("the URL has more than 2048 bytes", "give a shorter one");
  if (text.find('\0') != std::string::npos) return refuse("not a URL", "give one that begins with https://");
  const Url url(curl_url(), curl_url_cleanup);
  if (!url) return fail(Code::kInternal, "libcurl does not start");
  switch (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER)) {
    case CURLUE_OK: break;
    case CURLUE_USER_NOT_ALLOWED:
      return refuse("the URL holds credentials", "take them out: client id and secret are settings of their own");
    default: return refuse("not a URL with https", "give one that begins with https://");
  }
  RemoteUrl out;
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  const std::string host = part_of(url, CURLUPART_HOST);
  const std::string port = part_of(url, CURLUPART_PORT);
  out.text = part_of(url, CURLUPART_URL);
  out.origin = scheme + "://" + host + (port.empty() ? "" : ":" + port);
  out.secure = scheme == "https";
  out.loopback = is_loopback(host);
  if (!out.secure && scheme != "http") return refuse("not a URL with https", "give one that begins with https://");
  if (host.empty()) return refuse("the URL names no host", "give one as https://id.example/realms/bank");
  if (!out.secure && !out.loopback && !plain_http) {
    return refuse("http to " + host + " would let others on the way make tokens", "use https");
  }
  return out;
}

}  // namespace vigie::identity
