#include "http/reply.h"

#include <array>
#include <charconv>
#include <chrono>

namespace vigie::http {

namespace {

void append_two_digits(std::string& out, unsigned value) {
  out.push_back(static_cast<char>('0' + value / 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

}  // namespace

std::string_view DateLine::at(WallTime now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second.time_since_epoch().count() == second_) return text_;
  second_ = second.time_since_epoch().count();
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  text_ = "Date: ";
  text_ += kDays[std::chrono::weekday(day).c_encoding()];
  text_ += ", ";
  append_two_digits(text_, static_cast<unsigned>(date.day()));
  text_.push_back(' ');
  text_ += kMonths[static_cast<unsigned>(date.month()) - 1];
  text_.push_back(' ');
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  append_two_digits(text_, year / 100);
  append_two_digits(text_, year % 100);
  text_.push_back(' ');
  append_two_digits(text_, static_cast<unsigned>(clock.hours().count()));
  text_.push_back(':');
  append_two_digits(text_, static_cast<unsigned>(clock.minutes().count()));
  text_.push_back(':');
  append_two_digits(text_, static_cast<unsigned>(clock.seconds().count()));
  text_ += " GMT\r\n";
  return text_;
}

void append_reply(std::string& out, const Response& response, const ReplyStyle& style) {
  if (response.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out.push_back(' ');
    out += reason_phrase(response.status);
    out += "\r\n";
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    std::array<char, 20> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), response.body.size()).ptr;
    if (!response.content_type.empty()) {
      out += "Content-Type: ";
      out += response.content_type;
      out += "\r\n";
    }
    if (style.framing == Framing::kLength) {
      out += "Content-Length: ";
      out.append(static_cast<const char*>(digits.data()), end);
      out += "\r\n";
    } else if (style.framing == Framing::kChunked) {
      out += "Transfer-Encoding: chunked\r\n";
    }
  }
  out += style.date;
  if (!style.request_id.empty()) {
    out += "X-Request-Id: ";
    out += style.request_id;
    out += "\r\n";
  }
  out += style.lines;
  out += style.trace;
  out += response.headers;
  style.defaults.append_to(out, response.headers);
  if (style.close) {
    out += "Connection: close\r\n";
  } else if (style.keep_alive_10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (!bodiless && !style.head && style.framing == Framing::kLength) out += response.body;
}

}  // namespace vigie::http
