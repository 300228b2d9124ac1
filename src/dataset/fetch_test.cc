#include "dataset/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/sha256.h"

namespace vigie::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A web server of one thread on 127.0.0.1 that answers with raw bytes and hangs up after each answer.
class Server {
 public:
  using Handler = std::function<std::string(const std::string& request)>;

  explicit Server(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 8) != 0) std::abort();
    ::getsockname(listener_, generic, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void run() {
    for (;;) {
      const int peer = ::accept(listener_, nullptr, nullptr);
      if (peer < 0) return;
      std::string request;
      char buffer[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = handler_(request);
      for (std::size_t at = 0; at < answer.size();) {
        const ssize_t put = ::send(peer, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
        if (put <= 0) break;
        at += static_cast<std::size_t>(put);
      }
      ::shutdown(peer, SHUT_WR);
      while (::recv(peer, buffer, sizeof buffer, 0) > 0) {  // until the client has read it all and hangs up
      }
      ::close(peer);
    }
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members,
                   const char* compression = "zip:compression=store") {
  std::string bytes(2 << 20, '\0');
  std::size_t used = 0;
  archive* const writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_set_options(writer, compression);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  for (const auto& [name, text] : members) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, text.data(), text.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  bytes.resize(used);
  return bytes;
}

std::string header_of(const std::string& request, const std::string& name) {
  const auto at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string answer(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Serves `body` with ranges; at most `most` bytes go out before the connection is cut.
Server::Handler file_server(std::string body, std::string etag, std::size_t most) {
  return [=](const std::string& request) {
    std::size_t from = 0;
    const std::string range = header_of(request, "Range");
    const bool partial = !range.empty() && header_of(request, "If-Range") == etag;
    if (partial) from = std::stoul(range.substr(6));
    const std::string rest = body.substr(std::min(from, body.size()));
    const std::string total = std::to_string(body.size());
    if (partial && rest.empty())
      return answer("416 Range Not Satisfiable", "Content-Range: bytes */" + total + "\r\n", "");
    const std::string headers = "ETag: " + etag + "\r\n" +
                                (partial ? "Content-Range: bytes " + std::to_string(from) + "-" +
                                               std::to_string(body.size() - 1) + "/" + total + "\r\n"
                                         : "");
    const std::string whole = answer(partial ? "206 Partial Content" : "200 OK", headers, rest);
    return rest.size() > most ? whole.substr(0, whole.size() - rest.size() + most) : whole;
  };
}

const std::string kText = [] {
  std::string text = "Time,Class\n";
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i) + "," + std::to_string(i % 7 == 0) + "\n";
  return text;
}();
const std::string kHash = sha256_hex(kText);
const KaggleCredentials kMe{"somebody", "s3cr3t-key"};
constexpr const char* kMine = "Basic c29tZWJvZHk6czNjcjN0LWtleQ==";  // base64 of somebody:s3cr3t-key

class Fetch : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("vigie-fetch-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  KnownDataset known(std::string_view sha256 = kHash) const {
    return {"demo", "/api/demo", "https://example.com/demo", "data.csv", sha256, 1'000'000, "a test's own data"};
  }
  FetchOptions options(const Server& server, int attempts = 1) const {
    return {.folder = folder_, .base_url = server.url(), .attempts = attempts, .pause_ms = 1};
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
};

TEST_F(Fetch, DownloadsUnpacksAndRecordsTheHash) {
  const Server server(file_server(zip_of({{"readme.txt", "hello"}, {"data.csv", kText}}), "\"v1\"", SIZE_MAX));
  const auto fetched = fetch(known(), kMe, options(server));
  ASSERT_TRUE(fetched) << fetched.error().to_string();
  EXPECT_EQ(fetched->sha256, kHash);
  EXPECT_EQ(fetched->bytes, kText.size());
  EXPECT_FALSE(fetched->was_there);
  EXPECT_EQ(*read_file(folder_ / "data.csv"), kText);
  EXPECT_EQ(*read_file(folder_ / "data.csv.sha256"), kHash + "  data.csv\n");
  EXPECT_THAT(files(), ElementsAre("data.csv", "data.csv.sha256"));
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(header_of(server.requests()[0], "Authorization"), kMine);
}

TEST_F(Fetch, GoesOnWhereTheConnectionWasCut) {
  const std::string zip = zip_of({{"data.csv", kText}});
  const Server server(file_server(zip, "\"v1\"", zip.size() / 3));
  const auto fetched = fetch(known(), kMe, options(server, 5));
  ASSERT_TRUE(fetched) << fetched.error().to_string();
  EXPECT_EQ(*read_file(folder_ / "data.csv"), kText);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_EQ(header_of(requests[0], "Range"), "");
  EXPECT_EQ(header_of(requests[1], "Range"), "bytes=" + std::to_string(zip.size() / 3) + "-");
  EXPECT_EQ(header_of(requests[1], "If-Range"), "\"v1\"");
}

TEST_F(Fetch, ALaterRunGoesOnToo) {
  const std::string zip = zip_of({{"data.csv", kText}});
  {
    const Server server(file_server(zip, "\"v1\"", zip.size() / 2));
    const auto cut = fetch(known(), kMe, options(server));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, Code::kUnavailable);
    EXPECT_THAT(cut.error().to_string(), HasSubstr("run the command again"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data.csv"));
  }
  const Server server(file_server(zip, "\"v1\"", SIZE_MAX));
  const auto fetched = fetch(known(), kMe, options(server));
  ASSERT_TRUE(fetched) << fetched.error().to_string();
  EXPECT_EQ(fetched->resumed_at, zip.size() / 2);
  EXPECT_EQ(*read_file(folder_ / "data.csv"), kText);
}

TEST_F(Fetch, ANewVersionOnTheServerIsNotMixedWithTheOldPart) {
  {
    const std::string old = zip_of({{"data.csv", std::string(kText.size(), 'x')}});
    const Server server(file_server(old, "\"v1\"", old.size() / 2));
    ASSERT_FALSE(fetch(known(), kMe, options(server)));
  }
  const Server server(file_server(zip_of({{"data.csv", kText}}), "\"v2\"", SIZE_MAX));
  const auto fetched = fetch(known(), kMe, options(server));
  ASSERT_TRUE(fetched) << fetched.error().to_string();
  EXPECT_EQ(fetched->resumed_at, 0u);
  EXPECT_EQ(*read_file(folder_ / "data.csv"), kText);
}

TEST_F(Fetch, APartThatIsAlreadyWholeIsUsed) {
  const std::string zip = zip_of({{"data.csv", kText}});
  std::filesystem::create_directories(folder_);
  ASSERT_TRUE(write_file(folder_ / "data.csv.zip.part", zip));
  ASSERT_TRUE(write_file(folder_ / "data.csv.zip.part.from", "\"v1\""));
  const Server server(file_server(zip, "\"v1\"", SIZE_MAX));
  const auto fetched = fetch(known(), kMe, options(server));
  ASSERT_TRUE(fetched) << fetched.error().to_string();
  EXPECT_EQ(*read_file(folder_ / "data.csv"), kText);
}

TEST_F(Fetch, APartOfUnknownOriginIsNotUsed) {
  std::filesystem::create_directories(folder_);
  ASSERT_TRUE(write_file(folder_ / "data.csv.zip.part", "something else"));
  const Server server(file_server(zip_of({{"data.csv", kText}}), "\"v1\"", SIZE_MAX));
  ASSERT_TRUE(fetch(known(), kMe, options(server)));
  EXPECT_EQ(header_of(server.requests()[0], "Range"), "");
}

TEST_F(Fetch, CredentialsDoNotFollowARedirectToAnotherHost) {
  const Server storage(file_server(zip_of({{"data.csv", kText}}), "\"v1\"", SIZE_MAX));
  const Server front([&](const std::string&) {
    return answer("302 Found", "Location: " + storage.url() + "/bucket/file.zip?signature=abc\r\n", "");
  });
  ASSERT_TRUE(fetch(known(), kMe, options(front)));
  EXPECT_EQ(header_of(front.requests().at(0), "Authorization"), kMine);
  EXPECT_EQ(header_of(storage.requests().at(0), "Authorization"), "");
  EXPECT_THAT(storage.requests().at(0), Not(HasSubstr(kMe.key)));
}

TEST_F(Fetch, EveryRefusalSaysWhatToDo) {
  const struct {
    const char* status;
    const char* headers;
    Code code;
    const char* says;
  } cases[] = {
      {"401 Unauthorized", "", Code::kPermissionDenied, "Create New Token"},
      {"403 Forbidden", "", Code::kPermissionDenied, "https://example.com/demo"},
      {"404 Not Found", "", Code::kNotFound, "https://example.com/demo"},
      {"429 Too Many Requests", "Retry-After: 90\r\n", Code::kUnavailable, "in 90 s"},
      {"418 Teapot", "", Code::kUnavailable, "HTTP status 418"},
  };
  for (const auto& expected : cases) {
    const Server server([&](const std::string&) { return answer(expected.status, expected.headers, "s3cr3t page"); });
    const auto refused = fetch(known(), kMe, options(server, 3));
    ASSERT_FALSE(refused) << expected.status;
    EXPECT_EQ(refused.error().code, expected.code) << expected.status;
    EXPECT_THAT(refused.error().to_string(), HasSubstr(expected.says));
    EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("s3cr3t")));
    EXPECT_EQ(server.requests().size(), 1u) << expected.status << " is not worth another try";
    EXPECT_TRUE(files().empty()) << expected.status;
  }
}

TEST_F(Fetch, TriesAgainWhenTheServerIsIll) {
  int calls = 0;
  const auto good = file_server(zip_of({{"data.csv", kText}}), "\"v1\"", SIZE_MAX);
  const Server server([&](const std::string& request) {
    return ++calls < 3 ? answer("503 Service Unavailable", "", "") : good(request);
  });
  EXPECT_TRUE(fetch(known(), kMe, options(server, 3)));
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(Fetch, AnotherHashLeavesNothing) {
  const Server server(file_server(zip_of({{"data.csv", kText + "1,1\n"}}), "\"v1\"", SIZE_MAX));
  const auto wrong = fetch(known(), kMe, options(server));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::kInvalidData);
  EXPECT_THAT(wrong.error().message, HasSubstr(kHash));
  EXPECT_TRUE(files().empty());
}

TEST_F(Fetch, TheUsersHashGoesBeforeTheKnownOne) {
  const Server server(file_server(zip_of({{"data.csv", kText}}), "\"v1\"", SIZE_MAX));
  auto chosen = options(server);
  chosen.sha256 = kHash;
  for (auto& c : chosen.sha256) c = static_cast<char>(std::toupper(c));
  const std::string other(64, '0');
  EXPECT_TRUE(fetch(known(other), kMe, chosen));
  chosen.sha256.clear();
  EXPECT_TRUE(fetch(known(other), kMe, chosen)->was_there);
  chosen.sha256 = "1234";
  EXPECT_EQ(fetch(known(), kMe, chosen).error().code, Code::kInvalidArgument);
}

TEST_F(Fetch, HostileArchives) {
  const struct {
    const char* what;
    std::string body;
    const char* says;
  } cases[] = {
      {"no zip", "<html>sign in</html>", "zip"},
      {"empty", "", "zip"},
      {"truncated", zip_of({{"data.csv", kText}}).substr(0, 90'000), "zip"},
      {"without the member", zip_of({{"other.csv", kText}}), "no data.csv"},
      {"leading out of the folder", zip_of({{"../data.csv", kText}, {"/data.csv", kText}}), "no data.csv"},
      {"too large to download", zip_of({{"data.csv", std::string(1'000'001, 'a')}}), "larger than"},
      {"swelling", zip_of({{"data.csv", std::string(1'000'001, 'a')}}, "zip:compression=deflate"), "larger than"},
  };
  for (const auto& hostile : cases) {
    const Server server(file_server(hostile.body, "\"v1\"", SIZE_MAX));
    auto dataset = known("");
    const auto refused = fetch(dataset, kMe, options(server));
    ASSERT_FALSE(refused) << hostile.what;
    EXPECT_THAT(refused.error().to_string(), HasSubstr(hostile.says)) << hostile.what;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data.csv")) << hostile.what;
    EXPECT_FALSE(std::filesystem::exists(folder_.parent_path() / "data.csv")) << hostile.what;
    std::filesystem::remove_all(folder_);
  }
}

TEST_F(Fetch, AFileThatIsThereIsVerifiedWithoutTheNetwork) {
  std::filesystem::create_directories(folder_);
  ASSERT_TRUE(write_file(folder_ / "data.csv", kText));
  const FetchOptions offline{.folder = folder_};
  EXPECT_TRUE(fetch(known(), std::nullopt, offline)->was_there);

  const auto unknown = fetch(known(""), std::nullopt, offline);
  EXPECT_EQ(unknown.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(unknown.error().remedy, HasSubstr("--force"));

  ASSERT_TRUE(write_file(folder_ / "data.csv.sha256", kHash + "  data.csv\n"));
  EXPECT_TRUE(fetch(known(""), std::nullopt, offline)->was_there);
  ASSERT_TRUE(write_file(folder_ / "data.csv", kText + "tampered"));
  EXPECT_EQ(fetch(known(""), std::nullopt, offline).error().code, Code::kInvalidData);
}

TEST_F(Fetch, WithoutCredentialsSaysHowToGetThem) {
  const auto none = fetch(known(), std::nullopt, {.folder = folder_});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kPermissionDenied);
  for (const char* word : {"KAGGLE_USERNAME", "KAGGLE_KEY", "kaggle.json", "Create New Token"}) {
    EXPECT_THAT(none.error().remedy, HasSubstr(word));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(Fetch, SendsNothingInTheClear) {
  for (const char* url : {"http://www.kaggle.com", "http://127.0.0.1.example.com", "ftp://127.0.0.1", "file:///etc"}) {
    EXPECT_EQ(fetch(known(), kMe, {.folder = folder_, .base_url = url}).error().code, Code::kInvalidArgument) << url;
  }
}

TEST_F(Fetch, TwoAtATimeDoNotWriteOneFile) {
  std::filesystem::create_directories(folder_);
  const int other = ::open((folder_ / "data.csv.zip.part").c_str(), O_RDWR | O_CREAT, 0644);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  const Server server(file_server("", "\"v1\"", SIZE_MAX));
  EXPECT_EQ(fetch(known(), kMe, options(server)).error().code, Code::kFailedPrecondition);
  ::close(other);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Fetch, NobodyListening) {
  std::string url;
  {
    const Server server([](const std::string&) { return std::string(); });
    url = server.url();
  }
  const auto failed = fetch(known(), kMe, {.folder = folder_, .base_url = url, .attempts = 2, .pause_ms = 1});
  EXPECT_EQ(failed.error().code, Code::kUnavailable);
  EXPECT_TRUE(files().empty());
}

TEST(KaggleJson, IsReadAndNeverShown) {
  const auto good = parse_kaggle_json(R"({"username":"somebody","key":"0123456789abcdef"})", "kaggle.json");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->user, "somebody");
  EXPECT_EQ(good->key, "0123456789abcdef");
  for (const char* text : {"", "{", "[]", R"({"username":"somebody"})", R"({"username":"","key":"hush"})",
                           R"({"username":7,"key":"hush"})", "somebody:hush"}) {
    const auto bad = parse_kaggle_json(text, "kaggle.json");
    ASSERT_FALSE(bad) << text;
    EXPECT_EQ(bad.error().code, Code::kInvalidData);
    EXPECT_THAT(bad.error().to_string(), Not(HasSubstr("hush")));
  }
}

TEST(KnownDatasets, HaveNamesThatAreFound) {
  for (const auto& dataset : known_datasets()) {
    EXPECT_EQ((*find_known(dataset.name))->member, dataset.member);
    EXPECT_THAT(std::string(dataset.member), Not(HasSubstr("/")));
    EXPECT_TRUE(dataset.sha256.empty() || dataset.sha256.size() == 64);
  }
  EXPECT_THAT(find_known("cards").error().to_string(), HasSubstr("choose one of: card, paysim, credit"));
}

}  // namespace
}  // namespace vigie::dataset
