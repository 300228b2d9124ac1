#include "history/redis_connection.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace vigie::history {
namespace {

using std::chrono::steady_clock;

// The longest answer is a client's and a terminal's record, 26 kB: what is longer is not an answer to us.
constexpr std::size_t kMostAnswerBytes = std::size_t{1} << 20;

::timeval timeval_of(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1'000, .tv_usec = time.count() % 1'000 * 1'000};
}

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

bool is_replica(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ERROR && first_word({reply.str, reply.len}) == "READONLY";
}

struct Meaning {
  std::string_view word;
  Code code;
  const char* remedy;
};

// The first words of the errors that a user can do something about.
constexpr std::array kMeanings = {
    Meaning{"NOAUTH", Code::kPermissionDenied, "give the password of this server"},
    Meaning{"WRONGPASS", Code::kPermissionDenied, "give the user and the password that this server knows"},
    Meaning{"NOPERM", Code::kPermissionDenied, "allow this user the commands and keys of docs/history.md"},
    Meaning{"WRONGTYPE", Code::kInvalidData,
            "remove the key of another kind, or give this history a prefix of its own"},
    Meaning{"OOM", Code::kResourceExhausted, "raise maxmemory, or let maxmemory-policy be volatile-lru"},
    Meaning{"READONLY", Code::kFailedPrecondition, "give the address of the primary: this is a replica"},
    Meaning{"MOVED", Code::kUnsupported, "give a server that has all keys: a cluster of several is not supported"},
    Meaning{"CROSSSLOT", Code::kUnsupported, "give a server that has all keys: a cluster of several is not supported"},
    Meaning{"LOADING", Code::kUnavailable, "wait until the server has loaded its data"},
    Meaning{"BUSY", Code::kUnavailable, "end the script that keeps the server busy (SCRIPT KILL)"},
    Meaning{"MISCONF", Code::kUnavailable, "mend what keeps the server from saving: its log says what"},
    Meaning{"MASTERDOWN", Code::kUnavailable, "bring the primary back"},
    Meaning{"CLUSTERDOWN", Code::kUnavailable, "bring the cluster's missing servers back"},
};

// hiredis makes room for as many parts as an answer says it has, before they come. Ours have four.
constexpr int kMostParts = 16;
redisReplyObjectFunctions whole_replies;  // of hiredis

void* make_small_array(const redisReadTask* task, int parts) {
  return parts > kMostParts ? nullptr : whole_replies.createArray(task, parts);
}

redisReplyObjectFunctions* small_replies(const redisReplyObjectFunctions& of_hiredis) {
  static redisReplyObjectFunctions small = [&] {
    whole_replies = of_hiredis;
    redisReplyObjectFunctions functions = of_hiredis;
    functions.createArray = &make_small_array;
    return functions;
  }();
  return &small;
}

}  // namespace

std::string address_of(const RedisEndpoint& endpoint) {
  if (!endpoint.path.empty()) return endpoint.path;
  const bool six = endpoint.host.find(':') != std::string::npos;
  return (six ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

void FreeRedisReply::operator()(redisReply* reply) const { ::freeReplyObject(reply); }

void RedisConnection::CloseContext::operator()(redisContext* context) const { ::redisFree(context); }

RedisConnection::RedisConnection(const RedisEndpoint& endpoint, std::unique_ptr<redisContext, CloseContext> context)
    : address_(address_of(endpoint)), answer_(endpoint.answer), context_(std::move(context)) {
  context_->reader->fn = small_replies(*context_->reader->fn);
}

Error RedisConnection::error(Code code, std::string message, std::string remedy) const {
  return {.code = code, .message = std::move(message), .place = {.file = address_}, .remedy = std::move(remedy)};
}

std::unexpected<Error> RedisConnection::lost(std::string message) const {
  return std::unexpected(error(Code::kUnavailable, std::move(message),
                               "see whether the server runs, then try again: it is connected anew"));
}

std::unexpected<Error> RedisConnection::no_answer() const {
  return lost("no answer within " + std::to_string(answer_.count()) + " ms");
}

Result<std::unique_ptr<RedisConnection>> RedisConnection::open(const RedisEndpoint& endpoint) {
  const ::timeval wait = timeval_of(endpoint.connect);
  std::unique_ptr<redisContext, CloseContext> context(
      endpoint.path.empty() ? ::redisConnectWithTimeout(endpoint.host.c_str(), endpoint.port, wait)
                            : ::redisConnectUnixWithTimeout(endpoint.path.c_str(), wait));
  if (context == nullptr || context->err != 0) {
    // hiredis says "Connection timed out" and the like, and for hosts what getaddrinfo says.
    return fail(Code::kUnavailable,
                "cannot connect: " + std::string(context == nullptr ? "no memory" : context->errstr),
                {.file = address_of(endpoint)}, "start the server, or give the address at which it listens");
  }
  ::fcntl(context->fd, F_SETFD, FD_CLOEXEC);
  if (::redisSetTimeout(context.get(), timeval_of(endpoint.answer)) != REDIS_OK) {
    return fail_errno("cannot set the timeout of the connection", address_of(endpoint), errno);
  }
  std::unique_ptr<RedisConnection> connection(new RedisConnection(endpoint, std::move(context)));
  VIGIE_TRY(connection->log_in(endpoint));
  return connection;
}

Status RedisConnection::log_in(const RedisEndpoint& endpoint) {
  if (!endpoint.password.empty()) {
    std::vector<std::string_view> words{"AUTH"};
    if (!endpoint.user.empty()) words.emplace_back(endpoint.user);
    words.emplace_back(endpoint.password);
    const RedisReply reply = VIGIE_TRY(call(words));
    if (const auto refused = error_of(*reply)) {
      if (refused->code == Code::kUnavailable) return std::unexpected(*refused);
      // Not in the server's words: of a command that it does not know it repeats the arguments.
      const std::string word(first_word({reply->str, reply->len}));
      return std::unexpected(error(Code::kPermissionDenied, "the server does not let this user in (" + word + ")",
                                   "give the user and the password that this server knows"));
    }
  }
  // Of database 0 too: a server that listens and does not answer is found out here, where the next attempt waits.
  const std::string number = std::to_string(endpoint.database);
  const RedisReply reply = VIGIE_TRY(call(std::array<std::string_view, 2>{"SELECT", number}));
  if (auto refused = error_of(*reply)) return std::unexpected(std::move(*refused));
  return {};
}

Result<RedisReply> RedisConnection::call(std::span<const std::string_view> words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    starts.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* text = nullptr;
  const int size = ::redisFormatCommandArgv(&text, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) return std::unexpected(error(Code::kResourceExhausted, "no memory for a command", "free some"));
  const std::unique_ptr<char, decltype(&::redisFreeCommand)> command(text, &::redisFreeCommand);
  const auto end = steady_clock::now() + answer_;
  const Status written = write({text, static_cast<std::size_t>(size)}, end);
  Result<RedisReply> reply = written ? read(end) : std::unexpected(written.error());
  failed_ = !reply || is_replica(**reply);
  return reply;
}

// By send and not by hiredis, whose write to a socket that is closed would end the process by SIGPIPE.
Status RedisConnection::write(std::string_view bytes, steady_clock::time_point end) const {
  while (steady_clock::now() <= end) {
    const ::ssize_t written = ::send(context_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (written < 0 && errno != EINTR) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return no_answer();
      return lost("the connection was lost: " + std::string(std::strerror(errno)));
    }
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    if (bytes.empty()) return {};
  }
  return no_answer();
}

Result<RedisReply> RedisConnection::read(steady_clock::time_point end) {
  redisReader* const reader = context_->reader;
  std::size_t taken = 0;
  while (steady_clock::now() <= end) {
    const ::ssize_t got = ::recv(context_->fd, buffer_.data(), buffer_.size(), 0);
    if (got == 0) return lost("the server hung up before it answered");
    if (got < 0 && errno != EINTR) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return no_answer();
      return lost("the connection was lost: " + std::string(std::strerror(errno)));
    }
    if (got > 0) {
      taken += static_cast<std::size_t>(got);
      void* reply = nullptr;
      const bool understood = taken <= kMostAnswerBytes &&
                              ::redisReaderFeed(reader, buffer_.data(), static_cast<std::size_t>(got)) == REDIS_OK &&
                              ::redisReaderGetReply(reader, &reply) == REDIS_OK;
      RedisReply whole(static_cast<redisReply*>(reply));
      if (!understood || (whole != nullptr && reader->pos != reader->len)) {
        return std::unexpected(error(Code::kInvalidData, "what answers there does not speak the protocol of Redis",
                                     "give the address of a Redis or Valkey server"));
      }
      if (whole != nullptr) return whole;
    }
  }
  return no_answer();
}

std::optional<Error> RedisConnection::error_of(const redisReply& reply) const {
  if (reply.type != REDIS_REPLY_ERROR) return std::nullopt;
  const std::string_view said(reply.str, reply.len);
  for (const Meaning& meaning : kMeanings) {
    if (first_word(said) == meaning.word) {
      return error(meaning.code, "the server refuses: " + std::string(said), meaning.remedy);
    }
  }
  return error(Code::kFailedPrecondition, "the server refuses: " + std::string(said),
               "give a Redis from 6.0 on, or a Valkey, with scripts allowed");
}

bool RedisConnection::is_stale() const {
  char byte = 0;
  const ::ssize_t got = ::recv(context_->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace vigie::history
