// vigie serve as a user meets it: from training to a pasted curl, signals, and wrong usage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <csignal>

#include "http/raw_client.h"
#include "program.h"

namespace vigie::tests {
namespace {

using testing::HasSubstr;

class ServeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    const RunOptions here{.cwd = folder_->path()};
    const Outcome data =
        run_vigie({"data", "simulate", "card", "--rows", "4000", "--seed", "3", "--out", "card.csv"}, here);
    ASSERT_EQ(data.exit_code, 0) << data.err;
    const Outcome made = run_vigie({"train", "card", "--data", "card.csv", "--out", "model"}, here);
    ASSERT_EQ(made.exit_code, 0) << made.err;
  }
  static void TearDownTestSuite() { delete folder_; }

  static std::uint16_t port_of(const std::string& line) {
    return static_cast<std::uint16_t>(std::stoi(line.substr(line.find("127.0.0.1:") + 10)));
  }
  static std::vector<std::string> serve(std::string_view state = "state") {
    return {"serve", "--model", "card=model", "--auth", "none", "--port", "0", "--state", std::string(state)};
  }

  static TempFolder* folder_;
};
TempFolder* ServeTest::folder_ = nullptr;

TEST_F(ServeTest, ThePrintedCurlAnswers) {
  Background server(serve("private"), {.cwd = folder_->path()});
  const auto line = server.wait_for_line("\"started\"");
  ASSERT_TRUE(line) << server.err();
  const std::string text = server.out();
  EXPECT_THAT(text, HasSubstr("no authentication"));
  EXPECT_THAT(text, HasSubstr("/predict-batch"));
  const auto begin = text.find("curl ");
  ASSERT_NE(begin, std::string::npos) << text;
  const Outcome pasted = run_program({"sh", "-c", text.substr(begin)});
  EXPECT_EQ(pasted.exit_code, 0) << pasted.err;
  const auto answer = boost::json::parse(pasted.out);
  EXPECT_TRUE(answer.as_object().contains("hybrid_score")) << pasted.out;

  struct stat info{};
  ASSERT_EQ(::stat((*folder_ / "private").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);

  const Outcome second = run_vigie(serve("private"), {.cwd = folder_->path()});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("another vigie serve uses this state folder"));
  auto same_port = serve("other");
  same_port[6] = std::to_string(port_of(text));
  const Outcome third = run_vigie(same_port, {.cwd = folder_->path()});
  EXPECT_EQ(third.exit_code, 1);
  EXPECT_THAT(third.err, HasSubstr("is in use; stop the other program or give --port"));

  const Outcome ended = server.stop();
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("\"stopped\""));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(ended.peak_kib, 64u * 1024);
#endif
}

TEST_F(ServeTest, ASecondSignalEndsAtOnce) {
  Background server(serve(), {.cwd = folder_->path()});
  ASSERT_TRUE(server.wait_for_line("\"started\"")) << server.err();
  http::RawClient half(port_of(server.out()));
  half.send("GET /health HTTP/1.1\r\nHo");
  http::RawClient whole(port_of(server.out()));
  EXPECT_EQ(whole.ask("GET /health HTTP/1.1\r\nHost: here\r\n\r\n").status, 200);
  server.send(SIGTERM);
  ASSERT_TRUE(server.wait_for_line("\"stopping\""));
  EXPECT_TRUE(server.running());
  server.send(SIGINT);
  EXPECT_TRUE(server.wait_for_line("\"stopped\""));
  EXPECT_TRUE(half.closed());
}

TEST_F(ServeTest, WrongUsageIsToldWithItsRemedy) {
  const RunOptions here{.cwd = folder_->path()};
  const auto expect = [&](std::vector<std::string> arguments, int code, const std::string& words) {
    const Outcome outcome = run_vigie(arguments, here);
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(words));
  };
  expect({"serve", "--model", "card=model"}, 2, "give --auth none, which serves this machine only");
  expect({"serve", "--model", "card=model", "--auth", "oidc"}, 2, "no authentication \"oidc\"");
  expect({"serve", "--model", "card=model", "--auth", "none", "--host", "0.0.0.0"}, 2, "0.0.0.0 is not its loopback");
  expect({"serve", "--auth", "none"}, 2, "give --model card=FOLDER");
  expect({"serve", "--model", "credit=model", "--auth", "none"}, 2, "give --model card=FOLDER");
  expect({"serve", "--model", "card=nowhere", "--auth", "none"}, 1, "nowhere");
}

}  // namespace
}  // namespace vigie::tests
