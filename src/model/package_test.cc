#include "model/package.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/file.h"
#include "model/evaluation_json.h"
#include "model/isolation_json.h"
#include "model/model_json.h"
#include "model/package_archive.h"
#include "model/package_contents.h"
#include "model/reference_json.h"
#include "model/sample_model.h"

namespace vigie::model {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kNotFinite = std::numeric_limits<double>::infinity();

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class PackageTest : public testing::Test {
 protected:
  PackageTest() {
    std::string pattern = (fs::temp_directory_path() / "vigie-package-XXXXXX").native();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PackageTest() override { fs::remove_all(folder_); }

  std::vector<std::string> names_in(const fs::path& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().native());
    std::sort(names.begin(), names.end());
    return names;
  }

  fs::path folder_;
};

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "accepted" : result.error().to_string();
}

// Everything that a package holds, as the text that it is stored as: equal texts, equal models.
std::string all_of(const CardModel& model) {
  return model_json(model) + isolation_json(model.isolation) + reference_json(model.reference) +
         evaluation_json(model.evaluation) + model.boosted_source;
}

TEST_F(PackageTest, ReadsBackWhatItWrote) {
  const CardModel model = sample_card_model();
  const auto written = write_package(folder_ / "card", model);
  ASSERT_TRUE(written) << written.error().to_string();
  EXPECT_THAT(names_in(folder_ / "card"),
              ElementsAre("PACKAGE", "card.html", "evaluation.json", "isolation_forest.json", "model.json",
                          "reference.json", "xgboost.json"));
  EXPECT_THAT(names_in(folder_), ElementsAre("card"));

  const auto read = read_package(folder_ / "card");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->info.version, written->version);
  EXPECT_EQ(read->info.version.size(), 12u);
  EXPECT_EQ(read->info.files.size(), 6u);
  EXPECT_EQ(all_of(read->model), all_of(model));
  EXPECT_EQ(read->model.isolation.forest, model.isolation.forest);
  EXPECT_EQ(read->model.boosted.forest, model.boosted.forest);
  EXPECT_EQ(read->model.inputs, model.inputs);
  EXPECT_EQ(read->model.combination.terms[0].transform.high, 0.81);
  EXPECT_EQ(read->model.data.prevalence, model.data.prevalence);
}

TEST_F(PackageTest, EqualModelsGiveEqualBytesAndOtherModelsAnotherVersion) {
  ASSERT_TRUE(write_package(folder_ / "a", sample_card_model()));
  ASSERT_TRUE(write_package(folder_ / "b", sample_card_model()));
  for (const auto& name : names_in(folder_ / "a")) {
    EXPECT_EQ(*read_file(folder_ / "a" / name), *read_file(folder_ / "b" / name)) << name;
  }
  const auto a = write_package(folder_ / "a.tar.zst", sample_card_model());
  ASSERT_TRUE(a);
  ASSERT_TRUE(write_package(folder_ / "b.tar.zst", sample_card_model()));
  EXPECT_EQ(*read_file(folder_ / "a.tar.zst"), *read_file(folder_ / "b.tar.zst"));
  EXPECT_EQ(a->version, verify_package(folder_ / "a")->version);
  EXPECT_NE(a->version, write_package(folder_ / "c", sample_card_model(2))->version);
}

TEST_F(PackageTest, KeepsEveryBitOfItsNumbers) {
  CardModel model = sample_card_model();
  model.threshold.value = std::nextafter(0.1, 1);
  model.inputs.scaler.center[7] = 4.9406564584124654e-324;
  model.inputs.amount.mean = 1.7976931348623157e308;
  model.isolation.forest.trees[0].nodes[0].threshold = std::nextafter(16777216.0f, 0.0f);
  model.isolation.forest.trees[0].nodes[1].threshold = 1e-45f;
  model.seed = ~std::uint64_t{0};
  model.name = "a \"quoted\" é\n<name>";
  ASSERT_TRUE(write_package(folder_ / "card", model));
  const auto read = read_package(folder_ / "card");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->model.threshold.value, model.threshold.value);
  EXPECT_EQ(read->model.inputs, model.inputs);
  EXPECT_EQ(read->model.isolation.forest, model.isolation.forest);
  EXPECT_EQ(read->model.seed, model.seed);
  EXPECT_EQ(read->model.name, model.name);
}

TEST_F(PackageTest, ArchiveHoldsTheSameModel) {
  ASSERT_TRUE(write_package(folder_ / "card.tar.zst", sample_card_model()));
  EXPECT_THAT(names_in(folder_), ElementsAre("card.tar.zst"));
  const auto read = read_package(folder_ / "card.tar.zst");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(all_of(read->model), all_of(sample_card_model()));
  EXPECT_TRUE(write_package(folder_ / "card.tar.zst", sample_card_model(2))) << "a package may be replaced";
}

TEST_F(PackageTest, SaysWhichFileWasChanged) {
  const fs::path card = folder_ / "card";
  for (const std::string name :
       {"model.json", "xgboost.json", "isolation_forest.json", "reference.json", "evaluation.json", "card.html"}) {
    ASSERT_TRUE(write_package(card, sample_card_model()));
    std::string bytes = *read_file(card / name);
    bytes[bytes.size() / 2] ^= 1;
    ASSERT_TRUE(write_file(card / name, bytes));
    EXPECT_THAT(error_of(verify_package(card)), HasSubstr((card / name).native() + ": its SHA-256 is "));
    EXPECT_THAT(error_of(read_package(card)), HasSubstr("where PACKAGE says"));
    ASSERT_TRUE(write_file(card / name, bytes + " "));
    EXPECT_THAT(error_of(verify_package(card)), HasSubstr(name + ": it has "));
    fs::remove(card / name);
    EXPECT_THAT(error_of(verify_package(card)), HasSubstr(name + ": the file is missing"));
  }
}

TEST_F(PackageTest, RefusesWhatDoesNotBelong) {
  const fs::path card = folder_ / "card";
  ASSERT_TRUE(write_package(card, sample_card_model()));
  ASSERT_TRUE(write_file(card / "notes.txt", "mine"));
  EXPECT_THAT(error_of(read_package(card)), HasSubstr("notes.txt: not a part of the package"));
  fs::remove(card / "notes.txt");
  fs::create_directory(card / "sub");
  EXPECT_THAT(error_of(read_package(card)), HasSubstr("sub: not a plain file"));
  fs::remove(card / "sub");
  fs::rename(card / "card.html", folder_ / "elsewhere.html");
  fs::create_symlink(folder_ / "elsewhere.html", card / "card.html");
  EXPECT_THAT(error_of(read_package(card)), HasSubstr("card.html: not a plain file"));
}

TEST_F(PackageTest, KnowsANewerFormatAndAMissingMarker) {
  const fs::path card = folder_ / "card";
  ASSERT_TRUE(write_package(card, sample_card_model()));
  std::string marker = *read_file(card / "PACKAGE");
  const auto at = marker.find("\"format\": 1");
  ASSERT_NE(at, std::string::npos);
  ASSERT_TRUE(write_file(card / "PACKAGE", marker.replace(at, 11, "\"format\": 2, \"new\": {}")));
  const auto read = read_package(card);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kUnsupported);
  EXPECT_THAT(read.error().to_string(), HasSubstr("this package has format 2, this vigie reads 1; upgrade vigie"));
  fs::remove(card / "PACKAGE");
  EXPECT_THAT(error_of(read_package(card)), HasSubstr("it has no PACKAGE file"));
  EXPECT_THAT(error_of(read_package(folder_ / "absent")), HasSubstr("No such file"));
  ASSERT_TRUE(write_file(folder_ / "file", "hello"));
  EXPECT_THAT(error_of(read_package(folder_ / "file")), HasSubstr("file: "));
}

TEST_F(PackageTest, ReplacesPackagesAndEmptyFoldersAndNothingElse) {
  fs::create_directory(folder_ / "empty");
  EXPECT_TRUE(write_package(folder_ / "empty", sample_card_model()));
  const auto second = write_package(folder_ / "empty", sample_card_model(2));
  ASSERT_TRUE(second) << second.error().to_string();
  EXPECT_EQ(read_package(folder_ / "empty")->info.version, second->version);
  EXPECT_TRUE(write_package((folder_ / "new" / "deep" / "card" / "").native(), sample_card_model()));
  EXPECT_TRUE(read_package(folder_ / "new" / "deep" / "card"));
  fs::create_directory_symlink(folder_ / "empty", folder_ / "link");
  EXPECT_TRUE(write_package(folder_ / "link", sample_card_model(3)));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_EQ(read_package(folder_ / "empty")->model.seed, 3u);
  EXPECT_THAT(names_in(folder_), ElementsAre("empty", "link", "new"));

  fs::create_directory(folder_ / "home");
  ASSERT_TRUE(write_file(folder_ / "home" / "thesis.txt", "years"));
  EXPECT_THAT(error_of(write_package(folder_ / "home", sample_card_model())),
              HasSubstr("not empty and no model package"));
  ASSERT_TRUE(write_file(folder_ / "home" / "PACKAGE", "my parcels"));
  EXPECT_THAT(error_of(write_package(folder_ / "home", sample_card_model())), HasSubstr("PACKAGE cannot be read"));
  EXPECT_EQ(*read_file(folder_ / "home" / "thesis.txt"), "years");
  ASSERT_TRUE(write_file(folder_ / "empty" / "notes.txt", "mine"));
  EXPECT_THAT(error_of(write_package(folder_ / "empty", sample_card_model())),
              HasSubstr("notes.txt: the package's folder also"));
  EXPECT_EQ(*read_file(folder_ / "empty" / "notes.txt"), "mine");
  ASSERT_TRUE(write_file(folder_ / "plain", "text"));
  EXPECT_THAT(error_of(write_package(folder_ / "plain", sample_card_model())),
              HasSubstr("a file that is no model package"));
  ASSERT_TRUE(write_file(folder_ / "plain.tar.zst", "text"));
  EXPECT_THAT(error_of(write_package(folder_ / "plain.tar.zst", sample_card_model())), HasSubstr("no model package"));
  EXPECT_EQ(*read_file(folder_ / "plain.tar.zst"), "text");
  EXPECT_THAT(names_in(folder_), ElementsAre("empty", "home", "link", "new", "plain", "plain.tar.zst"));
}

// As packages were before there were contributions.
TEST_F(PackageTest, ContributionsMayBeAbsent) {
  CardModel model = sample_card_model();
  model.reference.contributions.reset();
  ASSERT_TRUE(write_package(folder_ / "card", model));
  EXPECT_EQ(read_file(folder_ / "card" / "reference.json")->find("contributions"), std::string::npos);
  const auto read = read_package(folder_ / "card");
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_FALSE(read->model.reference.contributions);
}

// A limit on file size stands in for a full disk: the write fails half way, for real.
TEST_F(PackageTest, AFailedWriteLeavesEverythingAsItWas) {
  ASSERT_TRUE(write_package(folder_ / "old", sample_card_model()));
  const std::string version = verify_package(folder_ / "old")->version;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto fresh = write_package(folder_ / "made" / "new", sample_card_model(2));
  const auto replaced = write_package(folder_ / "old", sample_card_model(2));
  const auto archived = write_package(folder_ / "new.tar.zst", sample_card_model(2));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_THAT(error_of(fresh), HasSubstr("cannot write"));
  EXPECT_THAT(error_of(replaced), HasSubstr("cannot write"));
  EXPECT_THAT(error_of(archived), HasSubstr("cannot write"));
  EXPECT_THAT(names_in(folder_), ElementsAre("old"));
  EXPECT_EQ(verify_package(folder_ / "old")->version, version);
}

TEST_F(PackageTest, DoesNotWriteWhatItCouldNotRead) {
  const auto refusal = [&](const std::function<void(CardModel&)>& change) {
    CardModel model = sample_card_model();
    change(model);
    const std::string error = error_of(write_package(folder_ / "card", model));
    EXPECT_FALSE(fs::exists(folder_ / "card"));
    return error;
  };
  EXPECT_THAT(refusal([](CardModel& m) { m.threshold.value = kNan; }),
              HasSubstr("model.json: threshold: it has no \"value\""));
  EXPECT_THAT(refusal([](CardModel& m) { m.inputs.scaler.scale.pop_back(); }),
              HasSubstr("features.scaler: not 35 columns"));
  EXPECT_THAT(refusal([](CardModel& m) { m.inputs.scaler.scale[3] = 0; }), HasSubstr("a scale is not above 0"));
  EXPECT_THAT(refusal([](CardModel& m) { m.inputs.amount.deviation = 0; }), HasSubstr("the deviation is not above 0"));
  EXPECT_THAT(refusal([](CardModel& m) { m.combination.terms.pop_back(); }), HasSubstr("not one term a member"));
  EXPECT_THAT(refusal([](CardModel& m) { m.combination.terms[1].member = "lightgbm"; }),
              HasSubstr("\"lightgbm\" where \"xgboost\" belongs"));
  EXPECT_THAT(refusal([](CardModel& m) { m.combination.terms[0].transform.high = 0; }),
              HasSubstr("low must be below high"));
  EXPECT_THAT(refusal([](CardModel& m) { m.isolation.forest.feature_count = 36; }), HasSubstr("it takes 36 features"));
  EXPECT_THAT(refusal([](CardModel& m) { m.isolation.forest.trees[2].nodes[0].left = 5; }), HasSubstr("tree 2, node"));
  EXPECT_THAT(refusal([](CardModel& m) { std::swap(m.isolation.feature_names[0], m.isolation.feature_names[1]); }),
              HasSubstr("feature 0 is not V1"));
  EXPECT_THAT(refusal([](CardModel& m) { m.isolation.sample_size = 1; }), HasSubstr("sample_size"));
  EXPECT_THAT(refusal([](CardModel& m) { m.boosted_source = "{}"; }), HasSubstr("xgboost.json: "));
  EXPECT_THAT(refusal([](CardModel& m) { m.boosted.forest.trees[0].nodes[3].value += 1; }),
              HasSubstr("not the one in its source"));
  EXPECT_THAT(refusal([](CardModel& m) { m.reference.features.pop_back(); }), HasSubstr("not the 37 fields"));
  EXPECT_THAT(refusal([](CardModel& m) { m.reference.features[4].counts.pop_back(); }),
              HasSubstr("features[4]: not one count a bin"));
  EXPECT_THAT(refusal([](CardModel& m) { m.reference.score.edges[0] = 9; }),
              HasSubstr("score.edges: not at least two"));
  const auto contributions = [&](const std::function<void(Contributions&)>& change) {
    return refusal([&](CardModel& m) { change(*m.reference.contributions); });
  };
  EXPECT_THAT(contributions([](Contributions& c) { c.positives = c.rows + 1; }),
              HasSubstr("reference.json: contributions.positives: more than rows"));
  EXPECT_THAT(contributions([](Contributions& c) { c.base_score = kNan; }), HasSubstr("it has no \"base_score\""));
  EXPECT_THAT(contributions([](Contributions& c) { c.mean_absolute.pop_back(); }),
              HasSubstr("contributions.mean_absolute: not one number an input"));
  EXPECT_THAT(contributions([](Contributions& c) { c.positives_mean_absolute[3] = -1e-9; }),
              HasSubstr("positives_mean_absolute: a mean of absolute values is negative"));
  EXPECT_THAT(contributions([](Contributions& c) { c.mean_absolute[2] = kNotFinite; }),
              HasSubstr("mean_absolute: item 2: not a number"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence[1].feature = "Time"; }),
              HasSubstr("contributions.dependence[1].feature: \"Time\" is no input"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence[2].feature = c.dependence[0].feature; }),
              HasSubstr("dependence[2].feature: \"V14\" has a dependence already"));
  EXPECT_THAT(contributions([](Contributions& c) {
                c.dependence[0] = Dependence();
                c.dependence[0].feature = "V1";
              }),
              HasSubstr("dependence[0].value: not 1 to 1000 bins"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence[0].value.assign(1001, 0); }),
              HasSubstr("dependence[0].value: not 1 to 1000 bins"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence[0].value[4] = c.dependence[0].value[3]; }),
              HasSubstr("dependence[0].value: a bin is not above the one before"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence[0].high.pop_back(); }),
              HasSubstr("dependence[0]: not one mean, low and high a bin"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence[0].low[6] = 1; }),
              HasSubstr("dependence[0].low: item 6: above its high"));
  EXPECT_THAT(contributions([](Contributions& c) { c.dependence.assign(36, c.dependence[0]); }),
              HasSubstr("contributions.dependence: "));
  EXPECT_THAT(refusal([](CardModel& m) { m.evaluation.scorers.pop_back(); }),
              HasSubstr("scorers: not isolation_forest, xgboost and"));
  EXPECT_THAT(refusal([](CardModel& m) { m.evaluation.scorers[1].ks.low = kNotFinite; }),
              HasSubstr("scorers[1].metrics.ks: it has no \"low\""));
  EXPECT_THAT(refusal([](CardModel& m) { m.evaluation.scorers[0].roc[1].y = kNan; }),
              HasSubstr("scorers[0].roc.y: item 1: not a number"));
}

}  // namespace
}  // namespace vigie::model
