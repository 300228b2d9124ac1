// The table of routes, built at start and read by every thread: what a path takes and who answers. Documents and access
// rules are made from the same table.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/gate.h"
#include "http/message.h"
#include "http/stream.h"

namespace vigie::http {

// Fills the response; called on many threads at once.
using Handler = std::function<void(const Request&, Response&)>;

enum class Work : std::uint8_t {
  kInline,  // microseconds: on the event loop
  kPool,    // may take long: on a worker thread, while the event loop serves others
  kWait,    // computes little and waits for a disk or another server: on one of limits.waiting threads
  kStream,  // takes a body and makes an answer of any length, bit by bit: on a thread of limits.streams (stream.h)
};

// Below, reading a body whole costs less than a thread that waits for it.
inline constexpr std::uint64_t kStreamFrom = std::uint64_t{1} << 20;

struct Route {
  Method method = Method::kGet;          // kGet answers HEAD too
  std::string path;                      // exact, "/predict"
  std::string name;                      // unique, for documents and counters: "predict"
  std::string summary;                   // one line for people
  std::vector<std::string> consumes{};   // media types of the body; empty: a body is ignored
  std::uint64_t body_limit = 64 * 1024;  // bytes
  Work work = Work::kInline;
  Handler handler{};
  // For Work::kStream instead of handler. Of another kind of work, for the bodies of these types that are longer than
  // kStreamFrom or of unknown length: the handler has the rest.
  StreamHandler stream{};
  std::vector<std::string> streamed{};
  std::uint64_t stream_limit = 0;  // bytes; for Work::kStream body_limit holds
  std::size_t index = 0;           // in Router::routes(); Router::add() sets it
};

// Gives a refusal its body, in the form that the product's clients expect. `accept_language` may be empty.
using ErrorWriter = std::function<void(const Rejection&, std::string_view accept_language, Response&)>;

// What a path and method lead to: a route, or the status that says why not.
struct Match {
  const Route* route = nullptr;
  int status = 200;                    // 200, 204 (OPTIONS), 404, 405 or 501
  const std::string* allow = nullptr;  // "GET, HEAD, OPTIONS": for 204 and 405
};

class Router {
 public:
  Router();

  void add(Route route);  // an equal path and method is our bug (asserted)
  void set_gate(std::shared_ptr<const Gate> gate) { gate_ = std::move(gate); }
  const Gate* gate() const { return gate_.get(); }  // nullptr: everybody is let in
  void set_error_writer(ErrorWriter writer) { error_writer_ = std::move(writer); }

  Match find(Method method, std::string_view path) const;
  std::vector<const Route*> routes() const;  // in the order they were added

  // Asks the handler; an exception becomes 500. `undecided`: the gate first, which said kWait.
  void answer(const Route& route, const Request& request, Response& response, bool undecided = false) const;
  // The same for a stream handler; an exception after the answer's start cuts it.
  void stream(const Route& route, const Request& request, BodyReader& body, ResponseStream& answer,
              bool undecided = false) const;
  void refuse(const Rejection& rejection, std::string_view accept_language, Response& response) const;

 private:
  bool lets_in(const Route& route, const Request& request, Response& response) const;

  struct Path {
    std::vector<const Route*> routes;
    std::string allow;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::vector<std::unique_ptr<const Route>> routes_;
  std::unordered_map<std::string, Path, Hash, std::equal_to<>> paths_;
  std::shared_ptr<const Gate> gate_;
  ErrorWriter error_writer_;
};

// Whether a Content-Type value names one of `types`, in UTF-8 where it names a charset.
bool media_type_is_one_of(std::string_view content_type, const std::vector<std::string>& types);

}  // namespace vigie::http
