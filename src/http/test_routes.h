// Routes that several tests of the edge ask for, and a wait for what follows an answer.
#pragma once

#include <chrono>
#include <string>
#include <thread>

#include "http/router.h"

namespace vigie::http {

inline const std::string kHello = "GET /hello HTTP/1.1\r\nHost: here\r\n\r\n";

inline std::string echo(const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// GET /hello, and POST /echo, which answers up to 100 KiB of text with itself.
inline void add_hello_and_echo(Router& router, Work echo_work = Work::kInline) {
  router.add({.path = "/hello", .name = "hello", .summary = "", .handler = [](const Request&, Response& response) {
                response.body = "hello";
              }});
  router.add({.method = Method::kPost,
              .path = "/echo",
              .name = "echo",
              .summary = "",
              .consumes = {"text/plain"},
              .body_limit = 100 * 1024,
              .work = echo_work,
              .handler = [](const Request& request, Response& response) { response.body = request.body; }});
}

// Whether it comes true within ten seconds: durations are recorded, and connections end, after the answer has gone out.
template <typename Condition>
bool soon(Condition&& condition) {
  for (int turn = 0; turn < 2000; ++turn) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace vigie::http
