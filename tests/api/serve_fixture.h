// A folder with a model in it, trained once for all tests of a program.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http/raw_client.h"
#include "program.h"

namespace vigie::tests {

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

  static inline TempFolder* folder_ = nullptr;
};

}  // namespace vigie::tests
