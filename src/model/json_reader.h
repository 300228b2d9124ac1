// Reads JSON whose shape is known and whose writer is not trusted: every failure names its place, syntax errors by line
// and column, all others by the path of the value ("learner.objective.name"). simdjson underneath, because its numbers
// are correctly rounded; Boost.JSON 1.81's are not, and a package must read back to the same bits.
//
//   auto document = VIGIE_TRY(JsonDocument::parse(bytes, "model.json"));
//   auto seed = VIGIE_TRY(document.root()["training"]["seed"].unsigned_integer());
//
// A JsonReader points into its document, which must outlive it. At most 64 levels deep; a repeated key counts once.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vigie::model {

class JsonReader {
 public:
  // A member of an object. Never fails itself: where there is no such member, every reading of the result does.
  JsonReader operator[](std::string_view name) const;
  // The same, or nothing where it is absent or null; fails where this value is no object.
  Result<std::optional<JsonReader>> find(std::string_view name) const;
  // The items of an array; more than `limit` are refused.
  Result<std::vector<JsonReader>> items(std::size_t limit) const;
  Result<std::vector<std::string>> keys() const;

  Result<double> number() const;
  Result<std::uint64_t> unsigned_integer() const;
  Result<bool> flag() const;
  Result<std::string> text() const;

  // Whole arrays at once. Floats are rounded from double and finite; flags may be true/false or 1/0.
  Result<std::vector<double>> numbers() const;
  Result<std::vector<float>> floats() const;
  Result<std::vector<std::int32_t>> integers() const;
  Result<std::vector<std::uint8_t>> flags() const;
  Result<std::vector<std::string>> texts() const;

  // out = (*this)[name], by out's type.
  Status read(std::string_view name, double& out) const;
  Status read(std::string_view name, std::uint64_t& out) const;
  Status read(std::string_view name, std::string& out) const;
  Status read(std::string_view name, std::vector<double>& out) const;
  Status read(std::string_view name, std::vector<std::string>& out) const;

  std::unexpected<Error> refuse(std::string message) const;  // kInvalidData at this value's path
  const std::string& path() const { return path_; }

 private:
  friend class JsonDocument;
  JsonReader(simdjson::dom::element element, std::string path, const std::string* file)
      : element_(element), path_(std::move(path)), file_(file) {}
  template <typename T>
  Result<T> get(std::string_view what) const;
  template <typename T, typename Convert>
  Result<std::vector<T>> array_of(std::string_view what, Convert convert) const;

  simdjson::dom::element element_;
  std::string path_;
  const std::string* file_;
  std::string missing_;  // why there is no value here; empty where there is one
};

class JsonDocument {
 public:
  // `name` is the file that errors name; empty where the text has none.
  static Result<JsonDocument> parse(std::string_view json, std::string name = {});
  JsonReader root() const { return {root_, {}, name_.get()}; }

 private:
  JsonDocument() = default;
  std::unique_ptr<simdjson::dom::parser> parser_;
  std::unique_ptr<const std::string> name_;
  simdjson::dom::element root_;
};

}  // namespace vigie::model
